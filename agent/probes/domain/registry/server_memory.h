// What is known of the servers of registries from earlier runs: muster.v1.RegistryMemory as values.
// Its bytes were kept outside, so they are read as any others. Pure; one thread owns it.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace muster::domains::registry {

// Of the serialized message: the agent keeps no more than 512 KiB.
inline constexpr size_t kLargestMemory = size_t{480} << 10;
inline constexpr size_t kMostServersAtRest = 1'000;
inline constexpr size_t kMostWhoisServers = 2'000;
// Of IANA's file, as it came; and of that packed (it has some 20 KiB).
inline constexpr size_t kLargestBootstrap = size_t{1} << 20;
inline constexpr size_t kLargestPackedBootstrap = size_t{256} << 10;

// Of a server that says no time of its own, doubled for each time in a row.
inline constexpr std::chrono::seconds kFirstRest = std::chrono::hours(1);
inline constexpr std::chrono::seconds kLongestRest = std::chrono::days(7);
// IANA is asked for the WHOIS server of a top-level domain so often.
inline constexpr std::chrono::seconds kWhoisServerAge = std::chrono::days(30);
// And for its bootstrap file; where none ever came, a day after it was asked last.
inline constexpr std::chrono::seconds kBootstrapAge = std::chrono::days(7);
inline constexpr std::chrono::seconds kBootstrapRetry = std::chrono::days(1);

class ServerMemory {
 public:
  using Time = std::chrono::sys_seconds;

  // Anything that is none is an empty one; an entry that could not have been written here is left
  // out, and a time that is further ahead than any that is written here is cut.
  static ServerMemory parse(const std::string& bytes, Time now);
  std::string serialize() const;

  // Until when a server is to be left alone; unset: it may be asked.
  std::optional<Time> rests_until(std::string_view host, Time now) const;
  // It asked for that; `wait` is what it says itself, at most kLongestRest. Gives until when.
  Time leave_alone(const std::string& host, std::optional<std::chrono::seconds> wait, Time now);
  // It answers.
  void answered(std::string_view host);

  // Empty: IANA names none. Unset: nobody asked, or that is too long ago.
  std::optional<std::string> whois_server(std::string_view top_level_domain, Time now) const;
  void learn_whois_server(const std::string& top_level_domain, const std::string& host, Time now);

  // IANA's file as it came last; unset: none did, or it cannot be unpacked.
  std::optional<std::string> bootstrap() const;
  bool has_bootstrap() const { return !packed_bootstrap_.empty(); }
  bool bootstrap_is_due(Time now) const;
  void asked_for_bootstrap(Time now) { bootstrap_asked_at_ = now; }
  // False if it is larger than what is kept.
  bool keep_bootstrap(std::string_view text);
  void drop_bootstrap() { packed_bootstrap_.clear(); }

 private:
  struct Rest {
    Time until;
    uint32_t times = 0;
  };
  struct WhoisServer {
    std::string host;
    Time learned_at;
  };

  std::map<std::string, Rest, std::less<>> rests_;
  std::map<std::string, WhoisServer, std::less<>> whois_servers_;
  std::string packed_bootstrap_;
  std::optional<Time> bootstrap_asked_at_;
};

}  // namespace muster::domains::registry
