// The probe beside the real apt in worlds that nobody thought up: it asks libapt-pkg about a part
// of what repositories offer, and the part must be enough.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/agent/probes/packages_apt/apt_oracle.h"
#include "tests/agent/probes/packages_apt/apt_world.h"

namespace muster::test {
namespace {

constexpr int kPackages = 60;

class RandomWorld {
 public:
  explicit RandomWorld(unsigned seed) : random_(seed) {
    Repository offered = {"main", "bookworm", "Origin: Debian\nLabel: Debian\n", {}};
    std::vector<Stanza> installed = {{"dpkg", "1.21"}};
    for (int i = 0; i < kPackages; ++i) {
      // What is installed depends on nothing, so that all is well before the upgrade.
      const bool is_installed = chance(40);
      if (is_installed) {
        installed.push_back({name(i), "1.0", "", "amd64",
                             chance(8) ? "hold ok installed" : "install ok installed"});
      }
      if (chance(95)) offered.packages.push_back({name(i), chance(70) ? "1.1" : "1.0", fields()});
    }
    world_.add(offered);
    world_.write_status(installed);
  }

  const AptWorld& world() const { return world_; }

 private:
  bool chance(int percent) {
    return std::uniform_int_distribution<int>(1, 100)(random_) <= percent;
  }
  int any() { return std::uniform_int_distribution<int>(0, kPackages - 1)(random_); }
  static std::string name(int i) { return fmt::format("package{}", i); }

  // A package or a virtual one, perhaps of a version.
  std::string one() {
    if (chance(15)) return fmt::format("virtual{}", any() % 6);
    if (chance(20)) return fmt::format("{} (>= 1.1)", name(any()));
    return name(any());
  }

  std::string fields() {
    std::string text;
    if (chance(35))
      text += fmt::format("Depends: {}\n", chance(40) ? one() + " | " + one() : one());
    if (chance(15)) text += fmt::format("Recommends: {}\n", one());
    if (chance(15)) text += fmt::format("Suggests: {}\n", one());
    if (chance(12)) text += fmt::format("Provides: virtual{}\n", any() % 6);
    if (chance(4)) text += fmt::format("Conflicts: {}\n", name(any()));
    if (chance(4)) text += fmt::format("Breaks: {} (<< 1.1)\n", name(any()));
    if (chance(3)) text += "Essential: yes\n";
    if (chance(6)) text += "Phased-Update-Percentage: 10\n";
    return text;
  }

  std::mt19937 random_;
  AptWorld world_;
};

TEST(PackagesAptInRandomWorlds, AgreesWithAptPackageByPackage) {
  for (unsigned seed = 1; seed <= 24; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const RandomWorld random(seed);
    const AptWorld& world = random.world();
    ASSERT_TRUE(world.update_lists());
    const v1::PackageFacts facts = probe_facts(world.root());
    EXPECT_GT(facts.pending_updates_size(), 0);
    EXPECT_EQ(all_updates(facts), listed_as_upgradable(world.apt_configuration()));
    EXPECT_EQ(updates_to_install(facts), upgraded_by_dist_upgrade(world.apt_configuration()));
  }
}

}  // namespace
}  // namespace muster::test
