// libapt-pkg asks a child process, ischroot, whether it is in a chroot when a phased update waits.
// set_phasing has answered that already, and a sandboxed probe makes no process. A function of the
// program comes before the library's own of the same name (ld.so(8)), so the library gets a child
// here that has never been: it waits for it, finds none, and takes that for "no chroot".
#include <apt-pkg/fileutl.h>
#include <unistd.h>

pid_t ExecFork() {
  return ::getpid();
}
