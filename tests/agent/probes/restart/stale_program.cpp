// stale_program LIBRARY [memfd|jit DIRECTORY]...: executes code of the library, and of what
// programs make for themselves, until its input ends. It says "ready" once all is mapped.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr size_t kPage = 4096;

bool map_to_execute(int descriptor) {
  return descriptor >= 0 && ::ftruncate(descriptor, kPage) == 0 &&
         ::mmap(nullptr, kPage, PROT_READ | PROT_EXEC, MAP_SHARED, descriptor, 0) != MAP_FAILED;
}

// As ORC and JNA do, libffi in /tmp, and who asks for a file that never has a name.
bool make_code(const std::string& directory) {
  std::string ffi = "/tmp/ffiXXXXXX";
  bool mapped = map_to_execute(::mkstemp(ffi.data())) && ::unlink(ffi.c_str()) == 0;
  for (const std::string_view name : {"/orcexec.AbCdEf", "/jna1234.tmp"}) {
    const std::string path = directory + std::string(name);
    mapped = map_to_execute(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL, 0700)) && mapped;
    mapped = ::unlink(path.c_str()) == 0 && mapped;
  }
  return map_to_execute(::open(directory.c_str(), O_RDWR | O_TMPFILE, 0700)) && mapped;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || ::dlopen(argv[1], RTLD_NOW) == nullptr) return 1;
  for (int i = 2; i < argc; ++i) {
    const std::string_view what = argv[i];
    if (what == "memfd" && !map_to_execute(::memfd_create("jit-cache", 0))) return 2;
    if (what == "jit" && (i + 1 == argc || !make_code(argv[++i]))) return 3;
  }
  std::puts("ready");
  std::fflush(stdout);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
