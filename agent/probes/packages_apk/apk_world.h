// /etc/apk/world: which packages an operator asks for, and within which bounds (apk-world(5)).
// Pure; any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace muster::packages_apk {

// What the world says of one name.
struct Wish {
  struct Bound {
    // One of = < > <= >= ~ <~ >~, or >< with the hash of a package in place of a version.
    std::string operation;
    std::string version;
  };
  // As it is written, for an operator: "nginx=1.26.1-r0".
  std::string text;
  // Without "@"; from such repositories too may it be taken.
  std::set<std::string> tags;
  // All of them hold.
  std::vector<Bound> bounds;
};

// By name. Lines that are no constraint are passed over, as those that ask for a package not to be
// there ("!name"): they hold nothing at its version.
std::map<std::string, Wish> parse_world(std::string_view text);

// Whether the world lets a package have this version. One that is asked for by its hash may have no
// other than it has.
bool allows(const Wish& wish, std::string_view version);

// Whether one of its bounds keeps newer versions out, today or later.
bool is_held(const Wish& wish);

}  // namespace muster::packages_apk
