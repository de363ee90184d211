#include "collector/http_client/name_lookup.h"

#include <fmt/format.h>
#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace muster::collector {
namespace {

using boost::asio::ip::tcp;

struct Lookup {
  std::mutex mutex;
  std::condition_variable_any changed;
  // Below: guarded by mutex.
  bool done = false;
  int error = 0;
  std::vector<tcp::endpoint> endpoints;
};

void run(const std::shared_ptr<Lookup>& lookup, const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  const std::lock_guard guard(lookup->mutex);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    tcp::endpoint endpoint;
    if (one->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), one->ai_addr, one->ai_addrlen);
    endpoint.resize(one->ai_addrlen);
    endpoint.port(port);
    lookup->endpoints.push_back(endpoint);
  }
  lookup->error = error;
  lookup->done = true;
  lookup->changed.notify_all();
}

}  // namespace

absl::StatusOr<std::vector<tcp::endpoint>> look_up(const std::string& host, uint16_t port,
                                                   std::chrono::steady_clock::time_point deadline,
                                                   const std::stop_token& stop) {
  boost::system::error_code is_name;
  const auto address = boost::asio::ip::make_address(host, is_name);
  if (!is_name) return std::vector<tcp::endpoint>{{address, port}};
  // Shared with the thread, which may outlive the question.
  const auto lookup = std::make_shared<Lookup>();
  std::thread(run, lookup, host, port).detach();
  std::unique_lock lock(lookup->mutex);
  const std::string doing = fmt::format("looking up {}", host);
  if (!lookup->changed.wait_until(lock, stop, deadline, [&lookup] { return lookup->done; })) {
    return absl::DeadlineExceededError(fmt::format("{}: no answer in time", doing));
  }
  if (lookup->error == 0 && !lookup->endpoints.empty()) return std::move(lookup->endpoints);
  return absl::UnavailableError(fmt::format(
      "{}: {}", doing, lookup->error == 0 ? "no address" : ::gai_strerror(lookup->error)));
}

}  // namespace muster::collector
