#include "agent/probes/protection/product_json.h"

#include <gtest/gtest.h>

namespace muster::protection {
namespace {

TEST(ProductJson, IsFoundBehindBannersAndBeforeTrailers) {
  const auto object = json_object_of(
      "\xef\xbb\xbfWARNING: {not this} is ignored\n\n  {\"healthy\": true, \"passive\": "
      "\"no\"}\nbye");
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ(json_flag(*object, "healthy"), true);
  EXPECT_EQ(json_text(*object, "passive"), "no");
  const auto array = json_array_of("notice\n[{\"path\": \"/srv\"}]\n");
  ASSERT_TRUE(array.ok());
  EXPECT_EQ(array->size(), 1);
}

TEST(ProductJson, MembersOfAnotherKindAreAbsent) {
  const auto object =
      json_object_of("{\"a\": {\"b\": 7, \"c\": \"8\", \"d\": 1.5, \"e\": \"8x\"}, \"f\": null}");
  ASSERT_TRUE(object.ok());
  EXPECT_EQ(json_number(*object, "a.b"), 7);
  EXPECT_EQ(json_number(*object, "a.c"), 8) << "a number that is written as a text";
  EXPECT_FALSE(json_number(*object, "a.d"));
  EXPECT_FALSE(json_number(*object, "a.e"));
  EXPECT_FALSE(json_text(*object, "a.b"));
  EXPECT_FALSE(json_flag(*object, "f"));
  EXPECT_FALSE(json_text(*object, "f.g"));
  EXPECT_FALSE(json_text(*object, "missing"));
  EXPECT_FALSE(json_number(*object, ""));
}

TEST(ProductJson, WhatIsCutOrNoJsonOrTooDeepIsAnError) {
  EXPECT_EQ(json_object_of("").status().message(), "there is no JSON in it");
  EXPECT_EQ(json_object_of("not licensed\n").status().message(), "there is no JSON in it");
  EXPECT_EQ(json_object_of("{\"healthy\": tr").status().message(), "its JSON is not whole");
  EXPECT_FALSE(json_object_of("{healthy: true}").ok());
  EXPECT_FALSE(json_object_of("{\"a\": " + std::string(100, '[')).ok());
  EXPECT_FALSE(json_object_of("{\"a\": \"\xff\"}").ok());
}

}  // namespace
}  // namespace muster::protection
