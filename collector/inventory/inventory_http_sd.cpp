#include <fmt/format.h>

#include <utility>
#include <vector>

#include "collector/identity/host_name.h"
#include "collector/inventory/inventory_builder.h"
#include "collector/inventory/inventory_parsers.h"
#include "collector/sources/http_sd.h"

namespace muster::collector {
namespace {

class HostSink : public HttpSdSink {
 public:
  Inventory take() { return builder_.take(); }

  Words words() const override { return {.example = "web1", .target = "the name of a host"}; }

  // "web1:9100": Prometheus wants the port there, a host's name has none.
  absl::Status target(std::string target) override {
    const size_t colon = target.rfind(':');
    if (colon != std::string::npos &&
        target.find_first_not_of("0123456789", colon + 1) == std::string::npos) {
      target.resize(colon);
    }
    if (absl::Status status = check_host_name(target); !status.ok()) return status;
    if (hosts_.size() == kMostListedHosts) {
      return absl::InvalidArgumentError(fmt::format("more than {} hosts", kMostListedHosts));
    }
    hosts_.push_back(std::move(target));
    return absl::OkStatus();
  }

  absl::Status label(const std::string& name, std::string value) override {
    // Of Prometheus, for relabelling.
    if (name.starts_with("__")) return absl::OkStatus();
    if (absl::Status status = check_label(name, value); !status.ok()) return status;
    if (labels_.emplace(name, std::move(value)).second) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("the label {} comes twice", name));
  }

  absl::Status end_group() override {
    for (const std::string& host : std::exchange(hosts_, {})) {
      if (absl::Status status = builder_.add(host, labels_); !status.ok()) return status;
    }
    labels_.clear();
    return absl::OkStatus();
  }

 private:
  InventoryBuilder builder_;
  // Of the group that is being read.
  std::vector<std::string> hosts_;
  Labels labels_;
};

}  // namespace

absl::StatusOr<Inventory> parse_http_sd_inventory(std::string_view text, std::string_view name) {
  HostSink sink;
  if (absl::Status status = read_http_sd(text, name, sink); !status.ok()) return status;
  return sink.take();
}

}  // namespace muster::collector
