# SPDX-License-Identifier: LGPL-2.1-or-later
# Pages of the manual as the built program prints them: man8/ashlar.8, man8/ashlar-NAME.8, man5/ashlar-lvm.conf.5.
#   cmake -DASHLAR=PROGRAM -DTO=FOLDER [-DLINKS=FOLDER] -P manual.cmake
# LINKS gets a link for each name that LVM2 has, of the program and of its page, for a prefix with sbin, share/man and lib/ashlar.
# Their date is SOURCE_DATE_EPOCH, or today.
execute_process(COMMAND ${ASHLAR} help --json OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
string(JSON count LENGTH ${table} commands)
math(EXPR last "${count} - 1")

function(page name file)
  execute_process(COMMAND ${ASHLAR} help --man ${name} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE ${TO}/${file} "${text}")
endfunction()

function(link name page)
  file(CREATE_LINK ../../../sbin/ashlar ${LINKS}/bin/${name} SYMBOLIC)
  file(CREATE_LINK ../../../../share/man/man8/${page}.8 ${LINKS}/man/man8/${name}.8 SYMBOLIC)
endfunction()

file(REMOVE_RECURSE ${TO})
if(DEFINED LINKS)
  file(REMOVE_RECURSE ${LINKS})
  file(MAKE_DIRECTORY ${LINKS}/bin ${LINKS}/man/man8)
  link(lvm ashlar)
endif()
page(ashlar man8/ashlar.8)
page(lvm.conf man5/ashlar-lvm.conf.5)
foreach(i RANGE ${last})
  string(JSON name GET ${table} commands ${i} name)
  page(${name} man8/ashlar-${name}.8)
  if(DEFINED LINKS AND name MATCHES "^(pv|vg|lv)[a-z]+$")
    link(${name} ashlar-${name})
  endif()
endforeach()
