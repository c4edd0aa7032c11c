# How a known bug is built: one object of a mutated source, and a simulator of it and all other objects, which
# are those of the tests. -DVMFERRY_MUTATIONS=ON; the bugs are in mutations.cmake.

add_library(vmferry_sim_main OBJECT main.cpp allocator.cpp)
target_link_libraries(vmferry_sim_main PRIVATE vmferry_sim_world)

# All of them: add_dependencies() below.
add_custom_target(vmferry_mutants)

# What must be told within ten seconds: a bug that is found later is as good as not found while one works.
set(VMFERRY_MUTATION_LIMIT_S 10 CACHE STRING "Seconds of processor time in which a simulator with a known bug must find it")

# A bug NAME: in FILE of the target LAYER, FIND becomes REPLACE; ARGN are the stories that must find it.
function(vmferry_mutation name layer file find replace)
  set(mutant ${CMAKE_CURRENT_BINARY_DIR}/mutants/${name}.cpp)
  set(original ${CMAKE_SOURCE_DIR}/${file})
  add_custom_command(
    OUTPUT ${mutant}
    COMMAND ${CMAKE_COMMAND} -DFROM=${original} -DTO=${mutant} "-DFIND=${find}" "-DREPLACE=${replace}" -P
            ${CMAKE_CURRENT_SOURCE_DIR}/mutate.cmake
    DEPENDS ${original} ${CMAKE_CURRENT_SOURCE_DIR}/mutate.cmake
    VERBATIM)
  # Compiled as the simulator's own sources are, with their precompiled header.
  add_library(vmferry_mutant_${name} OBJECT ${mutant})
  target_link_libraries(vmferry_mutant_${name} PRIVATE vmferry_phases vmferry_engine vmferry_journal SQLite::SQLite3)
  if(VMFERRY_PCH)
    set_target_properties(vmferry_mutant_${name} PROPERTIES PRECOMPILE_HEADERS_REUSE_FROM vmferry_sim_world)
    add_dependencies(vmferry_mutant_${name} vmferry_sim_world)
  endif()
  get_filename_component(base ${file} NAME)
  string(REPLACE "." "\\." base ${base})
  set(objects)
  foreach(other IN LISTS vmferry_below_phases ITEMS vmferry_sim_world vmferry_sim_main)
    list(APPEND objects "$<FILTER:$<TARGET_OBJECTS:${other}>,EXCLUDE,${layer}\\.dir/(.*/)?${base}\\.o$>")
  endforeach()
  add_executable(vmferry_sim_${name} $<TARGET_OBJECTS:vmferry_mutant_${name}> ${objects})
  set_target_properties(vmferry_sim_${name} PROPERTIES LINKER_LANGUAGE CXX DISABLE_PRECOMPILE_HEADERS ON)
  target_link_libraries(vmferry_sim_${name} PRIVATE fmt::fmt spdlog::spdlog OpenSSL::Crypto SQLite::SQLite3 Threads::Threads)
  set_target_properties(vmferry_sim_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  set_target_properties(vmferry_mutant_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  add_dependencies(vmferry_mutants vmferry_sim_${name})
  # In processor time, so that a busy machine makes no difference.
  add_test(NAME mutation.${name} COMMAND sh -c "ulimit -t ${VMFERRY_MUTATION_LIMIT_S}; exec \"$0\" \"$@\""
                                         $<TARGET_FILE:vmferry_sim_${name}> ${ARGN})
  set_tests_properties(mutation.${name} PROPERTIES LABELS mutation TIMEOUT 300 PASS_REGULAR_EXPRESSION "BAD")
endfunction()

include(mutations.cmake)
