#include "agent/probes/tls/handshake_places.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <vector>

namespace muster::tls {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
namespace asio = boost::asio;

struct Visit {
  HandshakePlaces& places;
  asio::io_context& io;
  std::vector<int>& begun;
  std::vector<std::optional<HandshakePlaces::Place>> held = {};
};

// Takes a place and keeps it.
asio::awaitable<void> take(Visit& visit, int who) {
  HandshakePlaces::Place place = co_await visit.places.wait(visit.io);
  visit.begun.push_back(who);
  visit.held.emplace_back(std::move(place));
}

class HandshakePlacesTest : public testing::Test {
 protected:
  void spawn(Visit& visit, int who) { asio::co_spawn(io_, take(visit, who), asio::detached); }

  asio::io_context io_;
  std::vector<int> begun_;
};

TEST_F(HandshakePlacesTest, OthersWaitForAPlaceInTheOrderInWhichTheyCame) {
  HandshakePlaces places(2, 1h);
  Visit visit{.places = places, .io = io_, .begun = begun_};
  for (int who = 0; who < 5; ++who)
    spawn(visit, who);
  io_.poll();
  EXPECT_THAT(begun_, ElementsAre(0, 1));
  visit.held[0].reset();
  io_.poll();
  EXPECT_THAT(begun_, ElementsAre(0, 1, 2));
  visit.held[1].reset();
  visit.held[2].reset();
  io_.poll();
  EXPECT_THAT(begun_, ElementsAre(0, 1, 2, 3, 4));
  visit.held.clear();
  io_.poll();
}

TEST_F(HandshakePlacesTest, WhoIsNotDoneSoonKeepsNoneFromOthers) {
  HandshakePlaces places(1, 1ms);
  Visit visit{.places = places, .io = io_, .begun = begun_};
  for (int who = 0; who < 4; ++who)
    spawn(visit, who);
  // Nobody ends, and all begin.
  io_.run();
  EXPECT_THAT(begun_, ElementsAre(0, 1, 2, 3));
  // What was given back by the timer is not given back again.
  EXPECT_EQ(places.free(), 1);
  visit.held.clear();
  EXPECT_EQ(places.free(), 1);
}

}  // namespace
}  // namespace muster::tls
