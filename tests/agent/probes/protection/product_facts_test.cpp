#include "agent/probes/protection/product_facts.h"

#include <gtest/gtest.h>

#include <string>

#include "common/timestamp.h"

namespace muster::protection {
namespace {

using v1::ProtectionProduct;

TEST(ProductFacts, KeepTheFirstReasonWhyAFactIsUnread) {
  ProtectionProduct product;
  add_unread(product, "running", "nobody was asked");
  add_unread(product, "running", "later");
  ASSERT_EQ(product.unread_size(), 1);
  EXPECT_EQ(product.unread(0).fact(), "running");
  EXPECT_EQ(product.unread(0).reason(), "nobody was asked");
}

TEST(ProductFacts, CountExclusionsBeyondThoseThatAreListed) {
  ProtectionProduct product;
  for (int i = 0; i < 250; ++i)
    add_exclusion(product, "path", "/srv/" + std::to_string(i));
  add_exclusion(product, "path", "/srv/7");
  EXPECT_EQ(product.exclusions_size(), 200);
  EXPECT_EQ(product.exclusion_count(), 250);
}

TEST(ProductFacts, ToldThatNothingIsExcludedIsNotTheSameAsNotTold) {
  ProtectionProduct product;
  EXPECT_FALSE(product.has_exclusion_count());
  say_exclusions_were_read(product);
  EXPECT_TRUE(product.has_exclusion_count());
  EXPECT_EQ(product.exclusion_count(), 0);
}

TEST(ProductFacts, ATimeThatIsNoTimeStaysAbsent) {
  ProtectionProduct product;
  const auto set = &ProtectionProduct::mutable_baseline_at;
  EXPECT_FALSE(set_time(product, set, whole_seconds(std::nullopt)));
  EXPECT_FALSE(set_time(product, set, whole_seconds(TimePoint())));
  EXPECT_FALSE(set_time(product, set, whole_seconds(TimePoint::max())));
  EXPECT_FALSE(product.has_baseline_at());
  const TimePoint time = *parse_iso8601("2026-11-22T18:41:17Z") + std::chrono::milliseconds(5);
  EXPECT_TRUE(set_time(product, set, whole_seconds(time)));
  EXPECT_EQ(to_iso8601(from_proto(product.baseline_at())), "2026-11-22T18:41:17Z");
  EXPECT_EQ(product.baseline_at().nanos(), 0);
  EXPECT_TRUE(set_time(product, set, whole_minutes(time)));
  EXPECT_EQ(to_iso8601(from_proto(product.baseline_at())), "2026-11-22T18:41:00Z");
}

TEST(ProductFacts, ABoundProductHasOnlyTextsThatCanBeShown) {
  ProtectionProduct product;
  product.set_version(" 1.2\x1b[2J\xff ");
  product.mutable_full_scan()->set_detail(std::string(1000, 'x'));
  product.mutable_loaded_signatures()->set_version("27500\n");
  for (int i = 0; i < 300; ++i) {
    product.add_complaints(std::string(1000, 'y'));
    product.add_exclusions()->set_value("a\nb");
    product.add_sources("z");
    product.add_unread()->set_reason(std::string(1000, 'r'));
  }
  bound(product);
  EXPECT_EQ(product.version(), "1.2\\x1b[2J\xef\xbf\xbd");
  EXPECT_EQ(product.full_scan().detail().size(), 256);
  EXPECT_EQ(product.loaded_signatures().version(), "27500");
  EXPECT_EQ(product.complaints_size(), 20);
  EXPECT_EQ(product.complaints(0).size(), 256);
  EXPECT_EQ(product.exclusions_size(), 200);
  EXPECT_EQ(product.exclusions(0).value(), "a\\x0ab");
  EXPECT_EQ(product.sources_size(), 20);
  EXPECT_EQ(product.unread_size(), 40);
  EXPECT_EQ(product.unread(0).reason().size(), 256);
}

}  // namespace
}  // namespace muster::protection
