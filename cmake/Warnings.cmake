# The warnings our own code is held to, as an interface target; generated code does not link it.
add_library(muster_warnings INTERFACE)
target_compile_options(muster_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align
  -Wextra-semi
  $<$<BOOL:${MUSTER_WARNINGS_AS_ERRORS}>:-Werror>)
