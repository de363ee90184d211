// Which update is missing on how many hosts: hosts are added one by one, and what is kept of each
// is little. Their facts are walked as they lie, without making a message of any. Not for several
// threads at once.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collector/fleet/update_source.h"
#include "common/clock.h"
#include "muster/v1/updates.pb.h"

namespace muster::collector {

// What is kept of what hosts say, however many they are and whatever they say.
struct UpdateTallyLimits {
  // As updates.proto promises.
  size_t listed = 10'000;
  size_t told_apart = 100'000;
  size_t packages = 50;
  size_t versions = 20;
  size_t cves = 100;
  size_t managers = 20;
  size_t managers_told_apart = 1'000;
  size_t hosts_of_one = 1'000;
  size_t hosts_of_all = 100'000;
  // Of packages, versions and CVE ids together.
  size_t text_bytes = 32 * 1024 * 1024;
};

class UpdateTally {
 public:
  struct Host {
    std::string_view name;
    std::span<const SectionState> sections;
    const policy::FirstSeen& memory;
    std::span<const policy::Control> controls;
  };

  explicit UpdateTally(TimePoint now, const UpdateTallyLimits& limits = {});

  // Each once, in the order of their names.
  void add(const Host& host);
  v1::UpdateList take();

 private:
  using Texts = std::set<std::string, std::less<>>;
  struct Update {
    std::string manager;
    std::string source_package;
    Texts packages;
    Texts versions;
    Texts cves;
    v1::Security security = v1::SECURITY_NO;
    v1::AdvisorySeverity severity = v1::ADVISORY_SEVERITY_UNSPECIFIED;
    uint32_t hosts = 0;
    uint32_t hosts_held_back = 0;
    std::optional<TimePoint> waiting_since;
    // Places in names_, of the first ones.
    std::vector<uint32_t> first_hosts;
    // The last host that was counted, 0 being none, and whether as held back.
    uint32_t counted = 0;
    bool counted_held_back = false;
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  void add_update(const UpdateSource& source, size_t index, const WaitingSince& since);
  void count_manager(std::string_view manager, bool is_known);
  void list_managers();
  // Null: too many are known.
  Update* find_or_make(std::string_view manager, std::string_view source_package);
  void count_host(Update& update, bool would_install);
  // Whether it is new there.
  bool add_text(Texts& texts, std::string_view text, size_t most, size_t longest);
  void add_cves(Update& update, const UpdateSource& source, size_t index);
  std::vector<const Update*> in_order() const;
  void fill(const Update& update, size_t hosts, v1::FleetUpdate& message) const;

  const TimePoint now_;
  const UpdateTallyLimits limits_;
  // By manager and source package.
  std::unordered_map<std::string, Update, TextHash, std::equal_to<>> updates_;
  // Of the one that is looked for: no text is made for each update of each host.
  std::string key_;
  std::vector<std::string> names_;
  std::map<std::string, v1::ManagerHosts> managers_;
  size_t text_bytes_ = 0;
  v1::UpdateList list_;
};

}  // namespace muster::collector
