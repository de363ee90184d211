#include "collector/http/connection_places.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace muster::collector::http {
namespace {

// A connection needs only to have an address.
class Connections {
 public:
  explicit Connections(size_t count) : bytes_(count) {}
  const void* operator[](size_t index) const { return &bytes_.at(index); }

 private:
  std::vector<char> bytes_;
};

constexpr bool kRemote = false;
constexpr bool kLoopback = true;

TEST(ConnectionPlaces, LetsAnAddressHaveItsShareAndNoMore) {
  const Connections all(4);
  ConnectionPlaces places(100, 2);
  for (size_t i = 0; i < 2; ++i) {
    const auto entry = places.enter(all[i], "a", kRemote);
    EXPECT_FALSE(entry.refused);
    EXPECT_EQ(entry.displaced, nullptr);
    places.proved(all[i]);
  }
  EXPECT_EQ(places.enter(all[2], "a", kRemote).refused, Refused::kAddressShare);
  EXPECT_FALSE(places.enter(all[3], "b", kRemote).refused);
  places.leave(all[0]);
  EXPECT_FALSE(places.enter(all[2], "a", kRemote).refused);
  EXPECT_EQ(places.size(), 3u);
}

TEST(ConnectionPlaces, PrefersANewcomerToOneOfItsAddressThatSendsNothing) {
  const Connections all(4);
  ConnectionPlaces places(100, 3);
  for (size_t i = 0; i < 3; ++i)
    places.enter(all[i], "a", kRemote);
  places.proved(all[0]);
  const auto entry = places.enter(all[3], "a", kRemote);
  EXPECT_FALSE(entry.refused);
  EXPECT_EQ(entry.displaced, all[1]) << "the one that has waited longest";
  EXPECT_EQ(places.size(), 3u);
}

TEST(ConnectionPlaces, TakesAPlaceOfTheGreediestAddress) {
  const Connections all(10);
  ConnectionPlaces places(8, 8);
  for (size_t i = 0; i < 8; ++i) {
    places.enter(all[i], i < 3 ? "modest" : "greedy", kLoopback);
    places.proved(all[i]);
  }
  const auto entry = places.enter(all[8], "new", kLoopback);
  EXPECT_FALSE(entry.refused);
  EXPECT_EQ(entry.displaced, all[7]) << "the newest of the greediest";
  EXPECT_EQ(places.enter(all[9], "greedy", kLoopback).refused, Refused::kConnections)
      << "the greediest takes nobody's place";
}

TEST(ConnectionPlaces, TakesOneThatSendsNothingBeforeTheNewest) {
  const Connections all(5);
  ConnectionPlaces places(4, 4);
  for (size_t i = 0; i < 4; ++i)
    places.enter(all[i], "greedy", kLoopback);
  places.proved(all[0]);
  places.proved(all[3]);
  EXPECT_EQ(places.enter(all[4], "new", kLoopback).displaced, all[1]);
}

TEST(ConnectionPlaces, RefusesANewcomerWhereNobodyHoldsMore) {
  const Connections all(6);
  ConnectionPlaces places(4, 4);
  for (size_t i = 0; i < 4; ++i) {
    places.enter(all[i], std::to_string(i), kLoopback);
    places.proved(all[i]);
  }
  EXPECT_EQ(places.enter(all[4], "new", kLoopback).refused, Refused::kConnections);
  places.leave(all[0]);
  EXPECT_FALSE(places.enter(all[5], "new", kLoopback).refused);
}

TEST(ConnectionPlaces, KeepsPlacesForLoopbackThatOthersNeitherFillNorTake) {
  const Connections all(100);
  ConnectionPlaces places(32, 32);
  // 30 of 32: the rest is for loopback.
  for (size_t i = 0; i < 30; ++i) {
    EXPECT_FALSE(places.enter(all[i], std::to_string(i), kRemote).refused);
    places.proved(all[i]);
  }
  EXPECT_EQ(places.enter(all[30], "remote", kRemote).refused, Refused::kConnections);
  EXPECT_FALSE(places.enter(all[31], "127.0.0.1", kLoopback).refused);
  EXPECT_FALSE(places.enter(all[32], "127.0.0.1", kLoopback).refused);
  places.leave(all[0]);
  EXPECT_EQ(places.enter(all[33], "remote", kRemote).refused, Refused::kConnections)
      << "two of loopback are not remote's to take";
  EXPECT_FALSE(places.enter(all[34], "127.0.0.1", kLoopback).refused);
}

TEST(ConnectionPlaces, ForgetsAddressesWithoutConnections) {
  const Connections all(1);
  ConnectionPlaces places(4, 4);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(places.enter(all[0], std::to_string(i), kRemote).refused);
    places.leave(all[0]);
    places.leave(all[0]);
    EXPECT_EQ(places.size(), 0u);
  }
  places.proved(all[0]);
}

}  // namespace
}  // namespace muster::collector::http
