# ccache where the machine has it: the heavy headers make a cold build minutes, a cached one seconds. What it
# is told is that precompiled headers are known by their content, and nothing of ours reads __TIME__.
find_program(MUSTER_CCACHE ccache)
if(MUSTER_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${MUSTER_CCACHE})
endif()
