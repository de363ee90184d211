#include "collector/fleet/compliance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <random>

#include "collector/fleet/compliance_sums.h"

namespace muster::collector {
namespace {

using Labels = std::vector<exposition::Label>;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::shared_ptr<const policy::Policy> a_policy(const std::vector<std::string>& controls) {
  policy::Policy policy;
  for (const std::string& id : controls)
    policy.controls.push_back({.id = id, .title = id, .rule = "host_reporting"});
  return std::make_shared<policy::Policy>(policy);
}

std::vector<policy::Standing> standings(const std::vector<v1::Status>& statuses) {
  std::vector<policy::Standing> result;
  for (const v1::Status status : statuses)
    result.push_back({.status = status});
  return result;
}

// "site=fra lists 1/2": compliant of judged.
std::vector<std::string> lines(std::span<const GroupCounts> groups) {
  std::vector<std::string> result;
  for (const ComplianceSum& sum : sum_compliance(groups)) {
    result.push_back(fmt::format("{}={} {} {}/{}", sum.by, sum.value, sum.control,
                                 sum.count.compliant, sum.count.judged));
  }
  return result;
}

std::vector<std::string> lines(const ComplianceTable& table) {
  std::vector<GroupCounts> groups;
  table.add_to(groups);
  return lines(groups);
}

TEST(Compliance, CountsWhatIsMetDueOrWaivedForAndWhatFailsOrIsUnknownAgainst) {
  const struct {
    v1::Status status;
    std::vector<std::string> expected;
  } cases[] = {
      {v1::STATUS_PASS, {"=  1/1", "= a 1/1"}},    {v1::STATUS_DUE, {"=  1/1", "= a 1/1"}},
      {v1::STATUS_WAIVED, {"=  1/1", "= a 1/1"}},  {v1::STATUS_FAIL, {"=  0/1", "= a 0/1"}},
      {v1::STATUS_UNKNOWN, {"=  0/1", "= a 0/1"}}, {v1::STATUS_NOT_APPLICABLE, {}},
  };
  for (const auto& [status, expected] : cases) {
    ComplianceTable table;
    ComplianceTable::Counted host;
    table.begin(host, a_policy({"a"}), {});
    table.count(host, standings({status}));
    EXPECT_EQ(lines(table), expected) << status;
  }
}

TEST(Compliance, IsByEachLabelAndByAllHosts) {
  ComplianceTable table;
  const auto policy = a_policy({"a", "b"});
  ComplianceTable::Counted fra;
  ComplianceTable::Counted ams;
  table.begin(fra, policy, Labels{{"site", "fra"}, {"role", ""}});
  table.begin(ams, policy, Labels{{"site", "ams"}, {"role", ""}});
  table.count(fra, standings({v1::STATUS_PASS, v1::STATUS_FAIL}));
  table.count(ams, standings({v1::STATUS_PASS, v1::STATUS_NOT_APPLICABLE}));
  EXPECT_THAT(lines(table), ElementsAre("=  2/3", "= a 2/2", "= b 0/1", "role=  2/3", "role= a 2/2",
                                        "role= b 0/1", "site=ams  1/1", "site=ams a 1/1",
                                        "site=fra  1/2", "site=fra a 1/1", "site=fra b 0/1"));
  table.forget(fra);
  table.forget(ams);
  EXPECT_THAT(lines(table), IsEmpty());
  // Forgotten is forgotten.
  table.forget(fra);
}

TEST(Compliance, OfTwoPoliciesIsCountedTogetherByTheIdsOfControls) {
  ComplianceTable table;
  ComplianceTable::Counted before;
  ComplianceTable::Counted after;
  table.begin(before, a_policy({"gone", "stays"}), {});
  table.begin(after, a_policy({"stays", "new"}), {});
  table.count(before, standings({v1::STATUS_PASS, v1::STATUS_FAIL}));
  table.count(after, standings({v1::STATUS_PASS, v1::STATUS_PASS}));
  EXPECT_THAT(lines(table), ElementsAre("=  3/4", "= gone 1/1", "= stays 1/2", "= new 1/1"));
}

TEST(Compliance, CountsValuesThatAreShownAlikeAsOne) {
  ComplianceTable table;
  const auto policy = a_policy({"a"});
  std::array<ComplianceTable::Counted, 4> hosts;
  const std::array<std::string, 4> values{std::string(300, 'v'), std::string(301, 'v'), "\xff",
                                          "\xfe"};
  for (size_t i = 0; i < hosts.size(); ++i) {
    table.begin(hosts[i], policy, Labels{{"site", values[i]}});
    table.count(hosts[i], standings({v1::STATUS_PASS}));
  }
  EXPECT_THAT(lines(table),
              ElementsAre("=  4/4", "= a 4/4", fmt::format("site={}…  2/2", std::string(253, 'v')),
                          fmt::format("site={}… a 2/2", std::string(253, 'v')), "site=\uFFFD  2/2",
                          "site=\uFFFD a 2/2"));
}

TEST(Compliance, HasTheValuesOfTheMostHostsAndTheRestInOne) {
  ComplianceTable table;
  const auto policy = a_policy({"a"});
  std::vector<ComplianceTable::Counted> hosts(kMostLabelValues + 6);
  for (size_t i = 0; i < hosts.size(); ++i) {
    // Two in the last one, which has a place of its own for it; and one says what the rest is
    // called.
    std::string value = fmt::format("v{:03}", std::min(i, hosts.size() - 2));
    if (i == 0) value = kOtherValues;
    table.begin(hosts[i], policy, Labels{{"site", value}});
    table.count(hosts[i], standings({i % 2 == 0 ? v1::STATUS_PASS : v1::STATUS_FAIL}));
  }
  std::vector<GroupCounts> groups;
  table.add_to(groups);
  std::map<std::string, ComplianceCount> sites;
  ComplianceCount all;
  for (const ComplianceSum& sum : sum_compliance(groups)) {
    if (sum.by != "site" || sum.control != "a") continue;
    sites[sum.value] = sum.count;
    all.compliant += sum.count.compliant;
    all.judged += sum.count.judged;
  }
  EXPECT_EQ(sites.size(), kMostLabelValues);
  EXPECT_EQ(all, (ComplianceCount{.compliant = 103, .judged = 206}));
  EXPECT_EQ(sites["v204"], (ComplianceCount{.compliant = 1, .judged = 2}));
  EXPECT_TRUE(sites.contains("v198"));
  EXPECT_FALSE(sites.contains("v199"));
  // v199 to v203, and who calls itself so.
  EXPECT_EQ(sites[kOtherValues].judged, 6U);
}

// Many hosts in two shards through random changes, against counting all of them anew.
class Story {
 public:
  explicit Story(unsigned seed) : random_(seed) {
    for (Kept& host : hosts_)
      host.policy = policies_[0];
  }

  void step() {
    const size_t host = draw(0, kHosts - 1);
    Kept& kept = hosts_[host];
    ComplianceTable& table = tables_[host % tables_.size()];
    switch (draw(0, 9)) {
      case 0:
        table.forget(kept.counted);
        return;
      case 1:
        table.forget(kept.counted);
        kept.policy = policies_[draw(0, 2)];
        kept.site = fmt::format("s{}", draw(0, 2));
        kept.owner = fmt::format("o{}", draw(0, 1));
        break;
      default:
        break;
    }
    if (!kept.counted.is_counted()) {
      table.begin(kept.counted, kept.policy, Labels{{"site", kept.site}, {"owner", kept.owner}});
      kept.standings.assign(kept.policy->controls.size(), {.status = v1::STATUS_NOT_APPLICABLE});
    }
    for (policy::Standing& standing : kept.standings) {
      if (draw(0, 2) == 0) {
        standing.status = static_cast<v1::Status>(draw(v1::STATUS_NOT_APPLICABLE, v1::STATUS_FAIL));
      }
    }
    table.count(kept.counted, kept.standings);
  }

  std::vector<std::string> counted() const {
    std::vector<GroupCounts> groups;
    for (const ComplianceTable& table : tables_)
      table.add_to(groups);
    return sorted(lines(groups));
  }

  std::vector<std::string> counted_anew() const {
    std::map<std::string, ComplianceCount> counts;
    for (const Kept& host : hosts_) {
      if (!host.counted.is_counted()) continue;
      for (size_t i = 0; i < host.standings.size(); ++i) {
        const v1::Status status = host.standings[i].status;
        if (status == v1::STATUS_NOT_APPLICABLE) continue;
        const bool compliant =
            status == v1::STATUS_PASS || status == v1::STATUS_DUE || status == v1::STATUS_WAIVED;
        for (const std::string& group :
             {std::string("="), "site=" + host.site, "owner=" + host.owner}) {
          for (const std::string& control : {std::string(), host.policy->controls[i].id}) {
            ComplianceCount& count = counts[group + " " + control];
            ++count.judged;
            if (compliant) ++count.compliant;
          }
        }
      }
    }
    std::vector<std::string> result;
    for (const auto& [name, count] : counts)
      result.push_back(fmt::format("{} {}/{}", name, count.compliant, count.judged));
    return sorted(std::move(result));
  }

 private:
  static constexpr size_t kHosts = 12;
  struct Kept {
    ComplianceTable::Counted counted;
    std::shared_ptr<const policy::Policy> policy;
    std::string site = "s0";
    std::string owner = "o0";
    std::vector<policy::Standing> standings;
  };

  unsigned draw(unsigned least, unsigned most) {
    return std::uniform_int_distribution<unsigned>(least, most)(random_);
  }
  static std::vector<std::string> sorted(std::vector<std::string> all) {
    std::sort(all.begin(), all.end());
    return all;
  }

  std::mt19937 random_;
  std::array<std::shared_ptr<const policy::Policy>, 3> policies_{
      a_policy({"a", "b", "c"}), a_policy({"c", "d", "a"}), a_policy({})};
  std::array<ComplianceTable, 2> tables_;
  std::vector<Kept> hosts_ = std::vector<Kept>(kHosts);
};

TEST(Compliance, IsAfterAnyChangesWhatCountingAnewGives) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    Story story(seed);
    for (unsigned step = 0; step < 200; ++step) {
      story.step();
      if (step % 10 == 9) {
        ASSERT_EQ(story.counted(), story.counted_anew()) << "seed " << seed << " step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace muster::collector
