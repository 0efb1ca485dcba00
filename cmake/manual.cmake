# SPDX-License-Identifier: LGPL-2.1-or-later
# Pages of the manual as the built program prints them: man8/ashlar.8, man8/ashlar-NAME.8, man5/ashlar-lvm.conf.5.
#   cmake -DASHLAR=PROGRAM -DTO=FOLDER -P manual.cmake
# Their date is SOURCE_DATE_EPOCH, or today.
execute_process(COMMAND ${ASHLAR} help --json OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
string(JSON count LENGTH ${table} commands)
math(EXPR last "${count} - 1")

function(page name file)
  execute_process(COMMAND ${ASHLAR} help --man ${name} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE ${TO}/${file} "${text}")
endfunction()

file(REMOVE_RECURSE ${TO})
page(ashlar man8/ashlar.8)
page(lvm.conf man5/ashlar-lvm.conf.5)
foreach(i RANGE ${last})
  string(JSON name GET ${table} commands ${i} name)
  page(${name} man8/ashlar-${name}.8)
endforeach()
