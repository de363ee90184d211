#include "agent/probes/network/shared_pace.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <random>

#include "agent/sandbox/inherited_files.h"
#include "agent/targets/look_distance.h"
#include "common/files.h"

namespace muster::network_probe {
namespace {

using namespace std::chrono_literals;

// No rate is used up to later than this from now.
constexpr Duration kFarthest = 2s;

// Up to when a rate is used, in microseconds of uptime.
using Booked = std::atomic<int64_t>;
static_assert(Booked::is_always_lock_free, "whoever is killed must hold no lock");

// Not before now, since rest saves nothing up.
Duration used_until(int64_t booked, Duration now) {
  const Duration until(booked);
  return until > now && until <= now + kFarthest ? until : now;
}

// Unset if it was booked, else when to try again.
std::optional<Duration> book(Booked& rate, size_t per_second, Duration now) {
  int64_t booked = rate.load();
  for (;;) {
    const Duration used = used_until(booked, now);
    if (used - agent::kEarlyLook > now) return used - agent::kEarlyLook;
    const Duration next = used + agent::look_distance(per_second);
    if (rate.compare_exchange_weak(booked, next.count())) return {};
  }
}

}  // namespace

struct SharedPace::Memory {
  // Of whom a place is nobody outside can say: set by the first who needs it.
  std::atomic<uint64_t> seed;
  Booked all;
  std::array<Booked, agent::kPaceBytes / sizeof(Booked) - 2> addresses;

  Booked& place_of(const boost::asio::ip::address& address) {
    uint64_t mixed = seed.load();
    if (mixed == 0) {
      std::random_device random;
      const uint64_t made = (uint64_t{random()} << 32) | random() | 1;
      mixed = seed.compare_exchange_strong(mixed, made) ? made : seed.load();
    }
    mixed ^= std::hash<boost::asio::ip::address>()(address);
    for (const uint64_t factor : {0xff51afd7ed558ccdULL, 0xc4ceb9fe1a85ec53ULL}) {
      mixed ^= mixed >> 33;
      mixed *= factor;
    }
    return addresses.at((mixed ^ (mixed >> 33)) % addresses.size());
  }
};

absl::StatusOr<std::unique_ptr<SharedPace>> SharedPace::open(int descriptor) {
  static_assert(sizeof(Memory) == agent::kPaceBytes);
  if (::fcntl(descriptor, F_GETFD) < 0) return nullptr;
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 ||
      status.st_size != static_cast<off_t>(agent::kPaceBytes)) {
    return absl::InvalidArgumentError("descriptor 98 is not the launcher's memory of rates");
  }
  void* const memory =
      ::mmap(nullptr, agent::kPaceBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) return errno_status(errno, "mapping the memory of rates");
  return std::unique_ptr<SharedPace>(new SharedPace(*static_cast<Memory*>(memory)));
}

SharedPace::~SharedPace() {
  ::munmap(&memory_, agent::kPaceBytes);
}

std::optional<SharedPace::Wait> SharedPace::take(const boost::asio::ip::address& address,
                                                 size_t per_second, size_t per_address_per_second,
                                                 Duration now) {
  const Duration room = used_until(memory_.all.load(), now) - agent::kEarlyLook;
  if (room > now) return Wait{.for_address = false, .until = room};
  if (const auto until = book(memory_.place_of(address), per_address_per_second, now)) {
    return Wait{.for_address = true, .until = *until};
  }
  // Another may have been faster: then the address has one less in this second.
  const auto until = book(memory_.all, per_second, now);
  if (!until) return std::nullopt;
  return Wait{.for_address = false, .until = *until};
}

}  // namespace muster::network_probe
