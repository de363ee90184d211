// How a verb reaches the fleet: over the Unix socket of the collector that runs, or, when none
// does, by opening its store and asking the same endpoints in this process, which it says once on
// stderr. One thread; calls block.
#pragma once

#include <absl/status/statusor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/config.h"
#include "common/clock.h"

namespace muster::collector {

class Channel {
 public:
  // `config` and `clock` outlive it.
  Channel(const Config& config, const Clock& clock);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // The body of the answer. What the collector refuses comes as the status that it means, with its
  // words. `path` is not percent-encoded.
  absl::StatusOr<std::string> request(const std::string& method, const std::string& path,
                                      const std::string& body,
                                      Duration timeout = std::chrono::seconds(30));
  // The same of GET with parameters, which are not percent-encoded either.
  using Query = std::vector<std::pair<std::string, std::string>>;
  absl::StatusOr<std::string> get(const std::string& path, const Query& query);

 private:
  // The parts of a collector that does not listen.
  struct Offline;

  absl::StatusOr<std::string> send(const std::string& method, const std::string& path,
                                   const Query& query, const std::string& body, Duration timeout);

  const Config& config_;
  const Clock& clock_;
  std::unique_ptr<Offline> offline_;
};

// "/a b" as "/a%20b". Pure.
std::string percent_encode_path(std::string_view path);
// "?a=b&c=d%26", or nothing. Pure.
std::string percent_encode_query(const Channel::Query& query);

}  // namespace muster::collector
