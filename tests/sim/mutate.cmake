# cmake -DFROM=FILE -DTO=FILE -DFIND=TEXT -DREPLACE=TEXT -P mutate.cmake
# Copies a source with one bug put in. A text that is not there exactly once is an error: the
# mutation has to follow the code.

file(READ "${FROM}" text)
string(FIND "${text}" "${FIND}" first)
string(FIND "${text}" "${FIND}" last REVERSE)
if(first EQUAL -1)
  message(FATAL_ERROR "the mutation no longer fits ${FROM}: '${FIND}' is not there")
endif()
if(NOT first EQUAL last)
  message(FATAL_ERROR "the mutation no longer fits ${FROM}: '${FIND}' is there more than once")
endif()
string(REPLACE "${FIND}" "${REPLACE}" text "${text}")
file(WRITE "${TO}" "${text}")
