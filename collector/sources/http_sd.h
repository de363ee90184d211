// A text in the shape of Prometheus's http_sd, told as it comes:
//
//   [{"targets": ["web1"], "labels": {"site": "fra"}}]
//
// Pure; any thread.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <string_view>

namespace muster::collector {

// Who takes what the text lists. A status that is not OK ends it, with the place in the text.
class HttpSdSink {
 public:
  virtual ~HttpSdSink() = default;

  // For complaints: "web1", "the name of a host".
  struct Words {
    std::string_view example;
    std::string_view target;
  };
  virtual Words words() const = 0;

  virtual absl::Status target(std::string target) = 0;
  // Those of a group may come before its targets, and twice.
  virtual absl::Status label(const std::string& name, std::string value) = 0;
  virtual absl::Status end_group() = 0;
};

// InvalidArgument with "name:line:column: what".
absl::Status read_http_sd(std::string_view text, std::string_view name, HttpSdSink& sink);

}  // namespace muster::collector
