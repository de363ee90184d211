// What the real apt and apt-get say, and what the probe says, in the same words: for the tests that
// hold the one to the other.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "muster/v1/package_facts.pb.h"
#include "muster/v1/section.pb.h"

namespace muster::test {

// "libfoo:i386 1.0 -> 1.1".
using UpdateSet = std::set<std::string>;

// `apt_configuration`: the file for APT_CONFIG; empty for the machine's own configuration.
UpdateSet listed_as_upgradable(const std::string& apt_configuration);
// The upgrades among what `apt-get -s dist-upgrade` would install: neither new packages nor
// downgrades.
UpdateSet upgraded_by_dist_upgrade(const std::string& apt_configuration);
// How many packages `apt list PATTERN` names.
size_t listed(const std::string& apt_configuration, const std::string& pattern);

UpdateSet all_updates(const v1::PackageFacts& facts);
UpdateSet updates_to_install(const v1::PackageFacts& facts);

// The probe as a program. `prefix` comes before it: {"setpriv", …}.
v1::Section run_probe(const std::string& root, const std::vector<std::string>& prefix = {});
// Its facts; a failure of the test if it did not observe.
v1::PackageFacts probe_facts(const std::string& root, const std::vector<std::string>& prefix = {});

// The prefix that makes a program run without privileges: empty if the test has none itself.
std::vector<std::string> unprivileged();
// The prefix that takes the network from a program, loopback too.
std::vector<std::string> without_network();

}  // namespace muster::test
