#include "collector/http/shared_answer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

#include "collector/http/shared_body.h"

namespace muster::collector::http {
namespace {

Respond into(std::promise<Response>& promise) {
  return [&promise](Response response) { promise.set_value(std::move(response)); };
}

TEST(SharedAnswer, IsMadeOnceForAllWhoAskWhileAnotherIsMade) {
  std::promise<void> started;
  std::promise<void> release;
  std::atomic<int> made = 0;
  std::vector<std::promise<Response>> promises(10);
  auto work = std::make_unique<WorkPool>(1, 8);
  SharedAnswer answer(*work);
  const SharedAnswer::Make make = [&] {
    if (++made == 1) {
      started.set_value();
      release.get_future().wait();
    }
    return Response{.body = std::to_string(made)};
  };
  answer.ask(into(promises[0]), make);
  started.get_future().wait();
  for (size_t i = 1; i < promises.size(); ++i)
    answer.ask(into(promises[i]), make);
  release.set_value();
  EXPECT_EQ(*promises[0].get_future().get().shared_body->text(), "1");
  const Response second = promises[1].get_future().get();
  EXPECT_EQ(*second.shared_body->text(), "2") << "nobody gets what was made before he asked";
  for (size_t i = 2; i < promises.size(); ++i) {
    EXPECT_EQ(promises[i].get_future().get().shared_body, second.shared_body) << "one for all";
  }
  work.reset();  // its threads end before the answer goes
  EXPECT_EQ(made, 2);
}

TEST(SharedAnswer, IsMadeAnewForWhoComesLater) {
  int made = 0;
  auto work = std::make_unique<WorkPool>(1, 8);
  SharedAnswer answer(*work);
  for (int i = 1; i <= 3; ++i) {
    std::promise<Response> promise;
    answer.ask(into(promise), [&made] { return Response{.body = std::to_string(++made)}; });
    EXPECT_EQ(*promise.get_future().get().shared_body->text(), std::to_string(i));
  }
  work.reset();
}

TEST(SharedAnswer, GoesOnAfterOneThatCouldNotBeMade) {
  std::atomic<int> made = 0;
  auto work = std::make_unique<WorkPool>(1, 8);
  SharedAnswer answer(*work);
  const SharedAnswer::Make make = [&made]() -> Response {
    if (++made == 1) throw std::bad_alloc();
    return {.body = "again"};
  };
  auto dropped = std::make_shared<std::promise<Response>>();
  std::future<Response> nothing = dropped->get_future();
  answer.ask([dropped = std::move(dropped)](
                 Response response) { dropped->set_value(std::move(response)); },
             make);
  EXPECT_THROW(nothing.get(), std::future_error) << "its Respond is gone, which is a 503";
  std::promise<Response> promise;
  answer.ask(into(promise), make);
  EXPECT_EQ(*promise.get_future().get().shared_body->text(), "again");
  work.reset();
}

TEST(SharedAnswer, IsRefusedWhereTooMuchWaits) {
  WorkPool work(1, 0);
  SharedAnswer answer(work);
  for (int i = 0; i < 2; ++i) {
    std::promise<Response> promise;
    answer.ask(into(promise), [] { return Response(); });
    EXPECT_EQ(promise.get_future().get().status, 503);
  }
}

TEST(SharedBody, IsCompressedOnce) {
  SharedBody body(std::string(100000, 'x'));
  const auto packed = body.packed();
  EXPECT_LT(packed->size(), 1000u);
  EXPECT_EQ(body.packed(), packed);
}

}  // namespace
}  // namespace muster::collector::http
