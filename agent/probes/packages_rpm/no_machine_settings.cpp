// libdnf's settings begin with what this machine protects from removal (/etc/dnf/protected.d and
// /etc/yum/protected.d), whichever root is looked at, as soon as there is a repository. A plan here
// removes nothing and never asks for them, so libdnf is told that there are none. It looks for
// files by glob(3) for nothing else, and a function of the program comes before a library's own
// (ld.so(8)).
#include <glob.h>

int glob64(const char* /*pattern*/, int /*flags*/, int (* /*on_error*/)(const char*, int),
           glob64_t* found) noexcept {
  *found = {};
  return GLOB_NOMATCH;
}
