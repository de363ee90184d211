// What the real dnf says, and what the probe says, in the same words: for the tests that hold the
// one to the other.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "muster/v1/package_facts.pb.h"
#include "muster/v1/section.pb.h"
#include "tests/agent/probes/packages_rpm/rpm_world.h"

namespace muster::test {

using Lines = std::set<std::string>;

// `dnf -C check-update`: "foo.noarch 1.1-1", and for what replaces another package
// "old.noarch by new-1.1-1".
Lines checked_by_dnf(const RpmWorld& world);
// `dnf -C updateinfo list --updates`, which looks past versionlock: "RHSA-1 foo.noarch".
Lines advisories_by_dnf(const RpmWorld& world);
// Names of what `dnf -C upgrade` would upgrade, replace or keep beside: "foo 1.1-1".
Lines upgraded_by_dnf(const RpmWorld& world);

// Those of the facts in the same words.
Lines checked_by_probe(const v1::PackageFacts& facts);
Lines advisories_by_probe(const v1::PackageFacts& facts);
Lines upgraded_by_probe(const v1::PackageFacts& facts);

v1::Section run_rpm_probe(const std::string& root, const std::vector<std::string>& prefix = {});
v1::PackageFacts rpm_facts(const std::string& root, const std::vector<std::string>& prefix = {});
// The update of a package; a failure of the test if it has none.
v1::PendingUpdate rpm_update(const v1::PackageFacts& facts, const std::string& package);

}  // namespace muster::test
