# SPDX-License-Identifier: LGPL-2.1-or-later
# What a system gets: the program, libashlar.so with the C interface, and libashlar++.a with the C++ headers. C++ has no
# binary interface to promise, so programs in C++ take the library with them (docs/library.md).
ashlar_layer(capi DEPS cli)
set_target_properties(ashlar_capi PROPERTIES EXCLUDE_FROM_ALL ON)
add_library(ashlar_shared SHARED EXCLUDE_FROM_ALL)
target_link_libraries(ashlar_shared PRIVATE ashlar_capi ashlar_cli ashlar_report libashlar)
target_link_options(ashlar_shared PRIVATE -Wl,--version-script,${CMAKE_SOURCE_DIR}/src/capi/ashlar.map)
set_target_properties(ashlar_shared PROPERTIES OUTPUT_NAME ashlar LINKER_LANGUAGE CXX ASHLAR_DYNAMIC ON VERSION ${PROJECT_VERSION} SOVERSION 0
                      LINK_DEPENDS ${CMAKE_SOURCE_DIR}/src/capi/ashlar.map)
add_custom_target(library DEPENDS ashlar_shared libashlar)

# The manual, by the program itself from its tables.
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/manual.stamp
                   COMMAND ${CMAKE_COMMAND} -DASHLAR=$<TARGET_FILE:ashlar> -DTO=${CMAKE_BINARY_DIR}/man -DLINKS=${CMAKE_BINARY_DIR}/links -P ${CMAKE_SOURCE_DIR}/cmake/manual.cmake
                   COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/manual.stamp
                   DEPENDS ashlar cmake/manual.cmake COMMENT "Printing the manual" VERBATIM)
add_custom_target(manual ALL DEPENDS ${CMAKE_BINARY_DIR}/manual.stamp)

install(TARGETS ashlar RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(DIRECTORY ${CMAKE_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT manual OPTIONAL)
# LVM2's names, where no package has them: for who puts /usr/lib/ashlar/bin first in PATH. man finds the pages from there.
install(DIRECTORY ${CMAKE_BINARY_DIR}/links/ DESTINATION lib/ashlar COMPONENT manual OPTIONAL)
# Under the program's own name alone: those of the commands are LVM2's and the bash-completion package's.
install(FILES completion/ashlar.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ashlar COMPONENT manual)
install(FILES completion/_ashlar DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT manual)
install(TARGETS ashlar_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library EXCLUDE_FROM_ALL)
install(TARGETS libashlar ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library EXCLUDE_FROM_ALL)
install(FILES src/capi/ashlar.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library EXCLUDE_FROM_ALL)
foreach(layer IN ITEMS base config metadata device lock archive plan activation store ops)
  install(DIRECTORY src/${layer} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ashlar COMPONENT library EXCLUDE_FROM_ALL
          FILES_MATCHING PATTERN "*.h")
endforeach()

# Both find the rest from where they lie, so that the folder can be moved.
file(RELATIVE_PATH to_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/ashlar.pc.in ashlar.pc @ONLY)
configure_file(cmake/ashlar++.pc.in ashlar++.pc @ONLY)
include(CMakePackageConfigHelpers)
configure_package_config_file(cmake/ashlarConfig.cmake.in ashlarConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ashlar)
write_basic_package_version_file(ashlarConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/ashlar.pc ${CMAKE_BINARY_DIR}/ashlar++.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT library EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_BINARY_DIR}/ashlarConfig.cmake ${CMAKE_BINARY_DIR}/ashlarConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ashlar COMPONENT library EXCLUDE_FROM_ALL)
