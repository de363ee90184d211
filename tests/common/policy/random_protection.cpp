#include "tests/common/policy/random_protection.h"

#include <string>

namespace muster::testing {
namespace {

class Products {
 public:
  Products(RandomWorld& world, TimePoint now) : world_(world), now_(now) {}

  template <typename Facts>
  Facts facts(const std::string& id) {
    Facts facts;
    for (int64_t i = world_.pick(0, 2); i > 0; --i)
      *facts.add_products() = product(id + std::to_string(i));
    if (world_.chance(5)) facts.add_problems("/opt could not be read");
    return facts;
  }

 private:
  // Mostly lately, now and then tomorrow.
  google::protobuf::Timestamp time(Duration longest) {
    return to_proto(now_ - world_.up_to(longest) + (world_.chance(5) ? days(3) : days(0)));
  }
  v1::Answer answer() {
    return world_.chance(60) ? v1::ANSWER_YES : static_cast<v1::Answer>(world_.pick(0, 2));
  }

  v1::ProtectionProduct product(std::string id) {
    v1::ProtectionProduct product;
    product.set_name(id);
    product.set_product(std::move(id));
    product.set_running(answer());
    product.set_real_time(answer());
    product.set_mode(world_.chance(50) ? v1::PROTECTION_MODE_ACTIVE
                                       : static_cast<v1::ProtectionMode>(world_.pick(0, 5)));
    product.set_checks_scheduled(answer());
    if (world_.chance(80)) signatures(*product.mutable_loaded_signatures());
    if (world_.chance(70)) signatures(*product.mutable_disk_signatures());
    if (world_.chance(80)) check(*product.mutable_full_scan(), days(35));
    if (world_.chance(40)) check(*product.mutable_quick_scan(), days(3));
    if (world_.chance(80)) check(*product.mutable_last_check(), days(3));
    count_things(product);
    manage(product);
    if (world_.chance(70)) *product.mutable_baseline_at() = time(days(400));
    const std::string facts[] = {"full_scan",  "mode",     "loaded_signatures",
                                 "exclusions", "licensed", "last_check"};
    if (world_.chance(15)) product.add_unread()->set_fact(facts[world_.pick(0, 5)]);
    return product;
  }
  void signatures(v1::Signatures& signatures) {
    if (world_.chance(90)) signatures.set_version(std::to_string(world_.pick(27'500, 27'501)));
    if (world_.chance(90)) *signatures.mutable_built_at() = time(days(4));
    if (world_.chance(50)) *signatures.mutable_written_at() = time(days(1));
  }
  void check(v1::LastCheck& check, Duration longest) {
    check.set_result(world_.chance(50) ? v1::CHECK_RESULT_CLEAN
                                       : static_cast<v1::CheckResult>(world_.pick(0, 6)));
    if (world_.chance(90)) *check.mutable_ended_at() = time(longest);
  }
  void count_things(v1::ProtectionProduct& product) {
    if (world_.chance(40)) product.set_threats_unresolved(static_cast<uint64_t>(world_.pick(0, 1)));
    if (world_.chance(60)) product.set_events_lost(static_cast<uint64_t>(world_.pick(0, 1)));
    for (int64_t i = world_.pick(0, 2); i > 0; --i) {
      product.add_exclusions()->set_kind(world_.chance(50) ? "path" : "extension");
      product.mutable_exclusions()->rbegin()->set_value(world_.chance(50) ? "/proc" : "log");
    }
    product.set_exclusion_count(static_cast<uint32_t>(product.exclusions_size()) +
                                (world_.chance(5) ? 1 : 0));
  }
  void manage(v1::ProtectionProduct& product) {
    product.set_management_connected(answer());
    if (world_.chance(50)) *product.mutable_management_last_contact_at() = time(days(2));
    product.set_licensed(answer());
    if (world_.chance(50)) {
      *product.mutable_licence_ends_at() = to_proto(now_ - days(3) + world_.up_to(days(60)));
    }
  }

  RandomWorld& world_;
  const TimePoint now_;
};

}  // namespace

v1::AntivirusFacts random_antivirus(RandomWorld& world, TimePoint now) {
  return Products(world, now).facts<v1::AntivirusFacts>("scanner");
}

v1::IntrusionDetectionFacts random_intrusion_detection(RandomWorld& world, TimePoint now) {
  return Products(world, now).facts<v1::IntrusionDetectionFacts>("watcher");
}

}  // namespace muster::testing
