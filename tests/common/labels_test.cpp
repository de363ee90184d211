#include "common/labels.h"

#include <gtest/gtest.h>

#include <string>

namespace muster {
namespace {

TEST(Labels, TakeNamesThatPrometheusTakes) {
  for (const std::string& name :
       {std::string("site"), std::string("_x"), std::string("A9"), std::string(64, 'n')}) {
    EXPECT_TRUE(check_label(name, "fra").ok()) << name;
  }
  for (const std::string& name : {std::string(), std::string("9a"), std::string("__meta"),
                                  std::string("a-b"), std::string("ä"), std::string(65, 'n')}) {
    EXPECT_EQ(check_label(name, "fra").code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

TEST(Labels, TakeValuesOfUtf8UpToTheirBound) {
  EXPECT_TRUE(check_label("site", "").ok());
  EXPECT_TRUE(check_label("site", std::string(kLabelValueLimit, 'v')).ok());
  EXPECT_FALSE(check_label("site", std::string(kLabelValueLimit + 1, 'v')).ok());
  EXPECT_FALSE(check_label("site", "\xff").ok());
}

TEST(Labels, AreAtMostThirtyTwo) {
  Labels labels;
  while (labels.size() < kMostLabels)
    labels["l" + std::to_string(labels.size())] = "v";
  EXPECT_TRUE(check_labels(labels, "a token").ok());
  labels["more"] = "v";
  EXPECT_EQ(check_labels(labels, "a token").message(), "a token has at most 32 labels");
}

}  // namespace
}  // namespace muster
