#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "agent/probes/hardware/arrays/arrays.h"

namespace muster::hardware {
namespace {

constexpr std::string_view kInterfaces = "/sys/class/net";

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

class Bond {
 public:
  Bond(MachineFiles& files, const std::string& name)
      : files_(files), directory_(fmt::format("{}/{}", kInterfaces, name)) {
    array_.set_kind(v1::ARRAY_KIND_BOND);
    array_.set_name(name);
    // "802.3ad 4"
    array_.set_level(std::string(first_word(told("mode"))));
    if (array_.level() == "802.3ad") bundle_ = told("ad_aggregator");
  }

  v1::RedundantArray look() {
    // More legs than fit in a page of sysfs end in the middle of a name; that is some 250.
    const std::string legs = files_.content(directory_ + "/bonding/slaves");
    for (std::string_view rest = legs; !rest.empty();) {
      const size_t end = rest.find_first_of(" \n");
      if (end != 0) add_leg(std::string(rest.substr(0, end)));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    const auto wanted = static_cast<uint32_t>(members_.size());
    array_.set_members_wanted(wanted);
    if (array_.members_working() + unknown_ == 0) {
      array_.set_state(v1::ARRAY_STATE_FAILED);
    } else if (array_.members_working() + unknown_ < wanted) {
      array_.set_state(v1::ARRAY_STATE_DEGRADED);
    } else if (unknown_ == 0) {
      array_.set_state(v1::ARRAY_STATE_HEALTHY);
    }
    const std::string primary(first_word(told("primary")));
    const std::string active = told("active_slave");
    if (!primary.empty() && !active.empty() && active != primary)
      array_.set_detail(fmt::format("{} is active, not {}", active, primary));
    set_members(std::move(members_), directory_ + "/bonding", array_, files_);
    return std::move(array_);
  }

 private:
  std::string told(const char* file) {
    return files_.line(fmt::format("{}/bonding/{}", directory_, file));
  }

  void add_leg(const std::string& name) {
    const std::string leg = fmt::format("{}/{}", kInterfaces, name);
    v1::ArrayMember& member = members_.emplace_back();
    member.set_name(name);
    // "up", "down", "going down", "going back". Always "up" where the bond does not watch its
    // links, so the adapter's own word is asked for too; it has none of a leg that is down.
    const std::string link = files_.line(leg + "/bonding_slave/mii_status");
    const std::string carrier = files_.line_if_told(leg + "/carrier");
    const std::string bundle = files_.line(leg + "/bonding_slave/ad_aggregator_id");
    if (link.empty()) {
      ++unknown_;
      return;
    }
    if (link != "up") {
      member.set_detail(link);
    } else if (carrier != "1") {
      member.set_detail("no link");
    } else if (!bundle_.empty() && bundle != bundle_) {
      member.set_detail("not in the bundle");
    }
    if (!member.detail().empty()) {
      member.set_state(v1::MEMBER_STATE_FAILED);
      return;
    }
    member.set_state(v1::MEMBER_STATE_WORKING);
    array_.set_members_working(array_.members_working() + 1);
  }

  MachineFiles& files_;
  const std::string directory_;
  v1::RedundantArray array_;
  std::vector<v1::ArrayMember> members_;
  // Of LACP (IEEE 802.1AX): the number of the legs that carry the bond's traffic together. A leg
  // whose partner does not agree has another one. Empty: it is no such bond, or has none.
  std::string bundle_;
  // Legs of which nothing is told, before Linux 3.14.
  uint32_t unknown_ = 0;
};

// IFF_UP of linux/if.h is the lowest bit.
bool is_down(std::string_view flags) {
  return !flags.empty() &&
         std::string_view("02468ace").find(flags.back()) != std::string_view::npos;
}

}  // namespace

Arrays look_at_bonds(MachineFiles& files) {
  Arrays bonds;
  for (const std::string& name : files.list(std::string(kInterfaces), kMostNames)) {
    const std::string directory = fmt::format("{}/{}", kInterfaces, name);
    if (!files.exists(directory + "/bonding")) continue;
    v1::RedundantArray bond = Bond(files, name).look();
    // The module makes one when it is loaded.
    if (bond.members_wanted() == 0 && is_down(files.line(directory + "/flags"))) continue;
    bonds.push_back(std::move(bond));
  }
  return bonds;
}

}  // namespace muster::hardware
