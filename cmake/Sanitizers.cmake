# Sanitizers as an interface target that every own target links privately. With none, the hardening
# that a distribution would use.
add_library(muster_sanitizers INTERFACE)
if(MUSTER_SANITIZER STREQUAL "address")
  set(flags -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  # What it puts before a function clang 14 puts before the parts of a coroutine too, and cannot assemble that.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    list(APPEND flags -fno-sanitize=function)
  endif()
elseif(MUSTER_SANITIZER STREQUAL "thread")
  set(flags -fsanitize=thread -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio has fences that gcc's ThreadSanitizer cannot follow and warns of.
    list(APPEND flags -Wno-tsan)
  endif()
elseif(MUSTER_SANITIZER STREQUAL "")
  set(flags -fstack-protector-strong -fstack-clash-protection -fcf-protection)
else()
  message(FATAL_ERROR "MUSTER_SANITIZER is '${MUSTER_SANITIZER}': it must be address, thread or empty")
endif()
target_compile_options(muster_sanitizers INTERFACE ${flags}
  $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
target_link_options(muster_sanitizers INTERFACE ${flags} LINKER:-z,relro,-z,now)
