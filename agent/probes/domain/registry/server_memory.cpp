#include "agent/probes/domain/registry/server_memory.h"

#include <libdeflate.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "common/internet_name.h"
#include "common/timestamp.h"
#include "muster/v1/registry_memory.pb.h"

namespace muster::domains::registry {
namespace {

using std::chrono::seconds;
using Time = ServerMemory::Time;

constexpr size_t kLongestHost = 253;
// 2^8 hours are more than a week.
constexpr uint32_t kMostDoublings = 8;
// Beyond it nobody says that it is in a row.
constexpr seconds kForgotten = std::chrono::days(14);

struct FreeCompressor {
  void operator()(libdeflate_compressor* it) const { libdeflate_free_compressor(it); }
};
struct FreeDecompressor {
  void operator()(libdeflate_decompressor* it) const { libdeflate_free_decompressor(it); }
};

Time time_of(const google::protobuf::Timestamp& timestamp) {
  return std::chrono::floor<seconds>(from_proto(timestamp));
}

// A server's name or address, as it is written here.
bool is_host(const std::string& host) {
  return !host.empty() && host.size() <= kLongestHost &&
         std::all_of(host.begin(), host.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                  c == ':' || c == '_';
         });
}

std::string packed(std::string_view text) {
  constexpr int kLevel = 9;
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(
      libdeflate_alloc_compressor(kLevel));
  if (compressor == nullptr) return {};
  std::string result(libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
  result.resize(libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), result.data(),
                                         result.size()));
  return result;
}

}  // namespace

ServerMemory ServerMemory::parse(const std::string& bytes, Time now) {
  ServerMemory memory;
  v1::RegistryMemory message;
  if (!message.ParseFromString(bytes)) return memory;
  for (const v1::ServerAtRest& server : message.servers_at_rest()) {
    if (memory.rests_.size() == kMostServersAtRest) break;
    const Time until = time_of(server.until());
    if (!is_host(server.host()) || until + kForgotten < now) continue;
    memory.rests_[server.host()] = {.until = std::min(until, now + kLongestRest),
                                    .times = server.times()};
  }
  for (const v1::KnownWhoisServer& server : message.whois_servers()) {
    if (memory.whois_servers_.size() == kMostWhoisServers) break;
    const Time learned_at = time_of(server.learned_at());
    if (!is_host(server.top_level_domain()) || learned_at > now) continue;
    if (!server.host().empty() && !to_internet_name(server.host()).ok()) continue;
    if (!server.host().empty() && !is_host(server.host())) continue;
    memory.whois_servers_[server.top_level_domain()] = {.host = server.host(),
                                                        .learned_at = learned_at};
  }
  if (message.bootstrap().size() <= kLargestPackedBootstrap)
    memory.packed_bootstrap_ = message.bootstrap();
  if (message.has_bootstrap_asked_at() && time_of(message.bootstrap_asked_at()) <= now)
    memory.bootstrap_asked_at_ = time_of(message.bootstrap_asked_at());
  return memory;
}

std::string ServerMemory::serialize() const {
  v1::RegistryMemory message;
  message.set_bootstrap(packed_bootstrap_);
  if (bootstrap_asked_at_) *message.mutable_bootstrap_asked_at() = to_proto(*bootstrap_asked_at_);
  for (const auto& [host, rest] : rests_) {
    v1::ServerAtRest& server = *message.add_servers_at_rest();
    server.set_host(host);
    *server.mutable_until() = to_proto(rest.until);
    server.set_times(rest.times);
  }
  for (const auto& [tld, whois] : whois_servers_) {
    v1::KnownWhoisServer& server = *message.add_whois_servers();
    server.set_top_level_domain(tld);
    server.set_host(whois.host);
    *server.mutable_learned_at() = to_proto(whois.learned_at);
  }
  // Who wants to be left alone is never forgotten for room; where a server is can be asked again.
  if (message.ByteSizeLong() > kLargestMemory) message.clear_whois_servers();
  return message.SerializeAsString();
}

std::optional<Time> ServerMemory::rests_until(std::string_view host, Time now) const {
  const auto found = rests_.find(host);
  if (found == rests_.end() || found->second.until <= now) return std::nullopt;
  return found->second.until;
}

Time ServerMemory::leave_alone(const std::string& host, std::optional<seconds> wait, Time now) {
  const auto found = rests_.find(host);
  const uint32_t before = found == rests_.end() ? 0 : found->second.times;
  const seconds doubled = kFirstRest * (1 << std::min(before, kMostDoublings));
  const Time until = now + std::min(wait.value_or(doubled), kLongestRest);
  if (found == rests_.end() && rests_.size() == kMostServersAtRest) {
    // Somebody has to go: who may be asked first.
    rests_.erase(std::min_element(rests_.begin(), rests_.end(), [](const auto& a, const auto& b) {
      return a.second.until < b.second.until;
    }));
  }
  rests_[host] = {.until = until, .times = std::min(before, kMostDoublings) + 1};
  return until;
}

void ServerMemory::answered(std::string_view host) {
  const auto found = rests_.find(host);
  if (found != rests_.end()) rests_.erase(found);
}

std::optional<std::string> ServerMemory::whois_server(std::string_view top_level_domain,
                                                      Time now) const {
  const auto found = whois_servers_.find(top_level_domain);
  if (found == whois_servers_.end() || found->second.learned_at + kWhoisServerAge <= now)
    return std::nullopt;
  return found->second.host;
}

void ServerMemory::learn_whois_server(const std::string& top_level_domain, const std::string& host,
                                      Time now) {
  if (!whois_servers_.contains(top_level_domain) && whois_servers_.size() == kMostWhoisServers) {
    whois_servers_.erase(std::min_element(
        whois_servers_.begin(), whois_servers_.end(),
        [](const auto& a, const auto& b) { return a.second.learned_at < b.second.learned_at; }));
  }
  whois_servers_[top_level_domain] = {.host = host, .learned_at = now};
}

std::optional<std::string> ServerMemory::bootstrap() const {
  if (packed_bootstrap_.empty()) return std::nullopt;
  const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  if (decompressor == nullptr) return std::nullopt;
  std::string text(kLargestBootstrap, '\0');
  size_t size = 0;
  if (libdeflate_gzip_decompress(decompressor.get(), packed_bootstrap_.data(),
                                 packed_bootstrap_.size(), text.data(), text.size(),
                                 &size) != LIBDEFLATE_SUCCESS) {
    return std::nullopt;
  }
  text.resize(size);
  return text;
}

bool ServerMemory::bootstrap_is_due(Time now) const {
  if (!bootstrap_asked_at_) return true;
  return *bootstrap_asked_at_ + (has_bootstrap() ? kBootstrapAge : kBootstrapRetry) <= now;
}

bool ServerMemory::keep_bootstrap(std::string_view text) {
  if (text.size() > kLargestBootstrap) return false;
  std::string bytes = packed(text);
  if (bytes.empty() || bytes.size() > kLargestPackedBootstrap) return false;
  packed_bootstrap_ = std::move(bytes);
  return true;
}

}  // namespace muster::domains::registry
