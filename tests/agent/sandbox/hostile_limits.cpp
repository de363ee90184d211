#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/agent/sandbox/hostile_acts.h"

namespace muster::hostile {
namespace {

// 1.5 GB, all of it touched, a megabyte at a time.
Answer take_memory(const std::string&) {
  constexpr size_t kBlock = 1 << 20;
  for (int block = 0; block < 1500; ++block) {
    void* memory =
        ::mmap(nullptr, kBlock, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return {"mmap", errno};
    std::memset(memory, 1, kBlock);
  }
  return {};
}

// Memory that no limit of an address space counts.
Answer take_memory_as_file(const std::string&) {
  ::signal(SIGXFSZ, SIG_IGN);
  const int file = ::memfd_create("hostile", MFD_CLOEXEC);
  if (file < 0) return {"memfd_create", errno};
  const std::string block(1 << 20, 'x');
  for (int count = 0; count < 1000; ++count) {
    if (::write(file, block.data(), block.size()) < 0) return {"write to a memfd", errno};
  }
  return {};
}

Answer flood(int descriptor) {
  const std::string block(1 << 16, 'x');
  for (int count = 0; count < 1600; ++count) {
    if (::write(descriptor, block.data(), block.size()) < 0) return {"write", errno};
  }
  return {};
}

Answer hang(const std::string&) {
  for (int signal = 1; signal < NSIG; ++signal)
    ::signal(signal, SIG_IGN);
  for (;;)
    ::pause();
}

Answer spin(const std::string&) {
  for (int signal = 1; signal < NSIG; ++signal)
    ::signal(signal, SIG_IGN);
  for (volatile bool never = false; !never;) {
  }
  return {};
}

Answer open_many(const std::string&) {
  for (int count = 0; count < 10'000; ++count) {
    if (::dup(0) < 0) return {"dup", errno};
  }
  return {};
}

constexpr auto kActs = std::to_array<Act>({
    {"memory", take_memory},
    {"memory-as-file", take_memory_as_file},
    {"output", [](const std::string&) { return flood(1); }},
    {"error-output", [](const std::string&) { return flood(2); }},
    {"hang", hang},
    {"spin", spin},
    {"open-many", open_many},
    {"abort", [](const std::string&) -> Answer { std::abort(); }},
});

}  // namespace

std::span<const Act> acts_on_limits() {
  return kActs;
}

}  // namespace muster::hostile
