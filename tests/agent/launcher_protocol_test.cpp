// What the launcher makes of what an agent that was taken over may send: an order, or the end of
// the connection.
#include "agent/launcher/launcher_protocol.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "agent/launcher/launcher_link.h"
#include "agent/launcher/memory_file.h"
#include "agent/launcher_program/request_table.h"
#include "agent/looking/probe_list.h"

namespace muster::agent {
namespace {

// The third looks at targets, the last is given sections.
constexpr std::array<std::string_view, 1> kGiven{"host"};
constexpr std::array<ProbeRow, 4> kRows{
    {{.name = "host"},
     {.name = "certificates"},
     {.name = "tcp", .sandbox = {.reach = SandboxDeclaration::Reach::kNetwork}},
     {.name = "listeners",
      .sandbox = {.reach = SandboxDeclaration::Reach::kNetwork},
      .given = kGiven}}};

size_t open_descriptors() {
  const std::filesystem::directory_iterator begin("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin, {}));
}

class LauncherProtocol : public ::testing::Test {
 protected:
  LauncherProtocol() {
    auto sockets = make_launcher_sockets();
    agent_ = std::move(sockets->first);
    launcher_ = std::move(sockets->second);
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    pipe_read_.reset(ends[0]);
    pipe_write_.reset(ends[1]);
  }

  // These bytes with these descriptors, and what is complained of: "" for an order.
  std::string answer_to(const std::string& bytes, const std::vector<int>& descriptors) {
    iovec part{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(16 * sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (!descriptors.empty()) {
      header.msg_control = control.data();
      header.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
      cmsghdr* item = CMSG_FIRSTHDR(&header);
      item->cmsg_level = SOL_SOCKET;
      item->cmsg_type = SCM_RIGHTS;
      item->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
      std::copy(descriptors.begin(), descriptors.end(), reinterpret_cast<int*>(CMSG_DATA(item)));
    }
    EXPECT_EQ(::sendmsg(agent_.get(), &header, MSG_NOSIGNAL), bytes.size());
    ReceivedOrder order;
    const char* complaint = nullptr;
    const Received received = read_order(launcher_.get(), kRows, order, complaint);
    EXPECT_EQ(received, complaint == nullptr ? Received::kMessage : Received::kBroken);
    return complaint == nullptr ? "" : complaint;
  }
  std::string answer_to(const Order& order, const std::vector<int>& descriptors) {
    return answer_to(std::string(reinterpret_cast<const char*>(&order), sizeof order), descriptors);
  }

  Descriptor agent_;
  Descriptor launcher_;
  Descriptor pipe_read_;
  Descriptor pipe_write_;
};

TEST_F(LauncherProtocol, AnOrderComesAsItWasGiven) {
  const Order run{.verb = Verb::kRun, .row = 1, .run = 7, .timeout_milliseconds = 1500};
  ASSERT_TRUE(send_order(agent_.get(), run,
                         {.output = pipe_write_.get(), .error_output = pipe_write_.get()}));
  ReceivedOrder order;
  const char* complaint = nullptr;
  ASSERT_EQ(read_order(launcher_.get(), kRows, order, complaint), Received::kMessage);
  EXPECT_EQ(order.order.row, 1);
  EXPECT_EQ(order.order.run, 7);
  EXPECT_EQ(order.order.timeout_milliseconds, 1500);
  EXPECT_EQ(::write(order.output.get(), "x", 1), 1);
  EXPECT_EQ(read_order(launcher_.get(), kRows, order, complaint), Received::kNothingYet);
  agent_.reset(-1);
  EXPECT_EQ(read_order(launcher_.get(), kRows, order, complaint), Received::kEnd);
}

TEST_F(LauncherProtocol, AnOrderToLookAtTargetsBringsTheirBatch) {
  const Descriptor batch = memory_file("batch", "targets");
  ASSERT_TRUE(send_order(
      agent_.get(), Order{.row = 2},
      {.output = pipe_write_.get(), .error_output = pipe_write_.get(), .targets = batch.get()}));
  ReceivedOrder order;
  const char* complaint = nullptr;
  ASSERT_EQ(read_order(launcher_.get(), kRows, order, complaint), Received::kMessage);
  std::array<char, 16> content{};
  ASSERT_EQ(::read(order.targets.get(), content.data(), content.size()), 7);
  EXPECT_STREQ(content.data(), "targets");
  EXPECT_EQ(::write(batch.get(), "x", 1), -1) << "whoever sent it changes it no more";
  EXPECT_EQ(::ftruncate(batch.get(), 0), -1);
}

TEST_F(LauncherProtocol, RefusesABatchThatSomebodyCouldChangeOrThatKeepsItsReaderWaiting) {
  const std::string path = "/tmp/muster-batch-" + std::to_string(::getpid());
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ::unlink(path.c_str());
  const Descriptor shared(::open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  const Descriptor unsealed(::memfd_create("batch", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const Descriptor shrinks(::memfd_create("batch", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ::fcntl(shrinks.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW);
  const Descriptor sealed = memory_file("batch", "targets");
  const Descriptor only_its_place(
      ::open(("/proc/self/fd/" + std::to_string(sealed.get())).c_str(), O_PATH | O_CLOEXEC));
  const Descriptor directory(::open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const int pipe = pipe_write_.get();
  for (const int batch :
       {file.get(), shared.get(), unsealed.get(), shrinks.get(), only_its_place.get(),
        directory.get(), agent_.get(), pipe, pipe_read_.get()}) {
    ASSERT_GE(batch, 0);
    EXPECT_EQ(answer_to(Order{.row = 2}, {pipe, pipe, batch}),
              "what is given is no memory that is sealed");
  }
  EXPECT_EQ(answer_to(Order{.row = 2}, {pipe, pipe, sealed.get()}), "");
  const std::string number = "an order to run with what is given has not three descriptors";
  EXPECT_EQ(answer_to(Order{.row = 2}, {}), number);
  EXPECT_EQ(answer_to(Order{.row = 2}, {pipe, pipe}), number);
  EXPECT_EQ(answer_to(Order{.row = 2}, {pipe, pipe, sealed.get(), sealed.get()}), number);
  EXPECT_EQ(answer_to(Order{.row = 2}, {sealed.get(), pipe, pipe}),
            "what is given is no memory that is sealed");
  EXPECT_EQ(answer_to(Order{.row = 2}, {pipe, sealed.get(), sealed.get()}),
            "a descriptor is no pipe open for writing");
  EXPECT_EQ(answer_to(Order{.row = 1}, {pipe, pipe, sealed.get()}),
            "an order to run has not two descriptors")
      << "this row looks at no targets";
  EXPECT_EQ(answer_to(Order{.row = 3}, {pipe, pipe, sealed.get()}), "") << "it is given sections";
  EXPECT_EQ(answer_to(Order{.row = 3}, {pipe, pipe}), number);
}

TEST_F(LauncherProtocol, RefusesWhatIsNoOrder) {
  const int pipe = pipe_write_.get();
  const Descriptor file(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const Descriptor path(::open("/tmp", O_PATH | O_CLOEXEC));
  const std::string size = "a message has not the size of an order";
  const std::string no_pipe = "a descriptor is no pipe open for writing";
  EXPECT_EQ(answer_to(std::string("x"), {}), size);
  EXPECT_EQ(answer_to(std::string(sizeof(Order) + 1, '\0'), {}), size);
  EXPECT_EQ(answer_to(std::string(100000, '\0'), {}), size);
  EXPECT_EQ(answer_to(Order{.verb = static_cast<Verb>(0)}, {}),
            "it gives an order that there is not");
  EXPECT_EQ(answer_to(Order{.verb = static_cast<Verb>(4)}, {}),
            "it gives an order that there is not");
  EXPECT_EQ(answer_to(Order{.row = 4}, {pipe, pipe}), "it orders a row that there is not");
  EXPECT_EQ(answer_to(Order{.row = 0xffffffff}, {pipe, pipe}), "it orders a row that there is not");
  EXPECT_EQ(answer_to(Order{}, {}), "an order to run has not two descriptors");
  EXPECT_EQ(answer_to(Order{}, {pipe}), "an order to run has not two descriptors");
  EXPECT_EQ(answer_to(Order{}, {pipe, pipe, pipe}), "an order to run has not two descriptors");
  EXPECT_EQ(answer_to(Order{}, std::vector<int>(16, pipe)), size);
  EXPECT_EQ(answer_to(Order{}, {pipe, pipe_read_.get()}), no_pipe);
  EXPECT_EQ(answer_to(Order{}, {file.get(), pipe}), no_pipe);
  EXPECT_EQ(answer_to(Order{}, {pipe, path.get()}), no_pipe);
  EXPECT_EQ(answer_to(Order{}, {pipe, agent_.get()}), no_pipe);
  EXPECT_EQ(answer_to(Order{.verb = Verb::kKill}, {pipe}), "descriptors came where none belong");
  EXPECT_EQ(answer_to(Order{.verb = Verb::kReload}, {pipe}), "descriptors came where none belong");
  EXPECT_EQ(answer_to(Order{.verb = Verb::kKill}, {}), "");
  EXPECT_EQ(answer_to(Order{.verb = Verb::kReload}, {}), "");
}

TEST_F(LauncherProtocol, ClosesEveryDescriptorThatItDoesNotTake) {
  const size_t before = open_descriptors();
  for (size_t count = 1; count <= 16; ++count)
    answer_to(Order{.verb = Verb::kKill}, std::vector<int>(count, pipe_write_.get()));
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(LauncherProtocol, AnyBytesAreAnOrderOrACloseAndNothingElse) {
  std::mt19937 random(1);  // the same bytes at every run
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 8 == 0 ? 1 + random() % 64 : sizeof(Order), '\0');
    for (char& byte : bytes)
      byte = static_cast<char>(random() % 4 == 0 ? random() : random() % 4);
    answer_to(bytes, std::vector<int>(random() % 5, pipe_write_.get()));
  }
}

TEST_F(LauncherProtocol, TheAgentTakesOnlyWhatALauncherSays) {
  ReceivedEvent event;
  Hello hello;
  hello.missing[4] = {"it could not be"};
  ASSERT_TRUE(send_hello(launcher_.get(), hello));
  ASSERT_EQ(read_event(agent_.get(), event), Received::kMessage);
  EXPECT_STREQ(event.hello.missing[4].data(), "it could not be");
  RunReport report;
  report.run = 9;
  ASSERT_TRUE(send_report(launcher_.get(), report));
  ASSERT_EQ(read_event(agent_.get(), event), Received::kMessage);
  EXPECT_EQ(event.report.run, 9);
  report.event = static_cast<Event>(4);
  ASSERT_TRUE(send_report(launcher_.get(), report));
  EXPECT_EQ(read_event(agent_.get(), event), Received::kBroken);
  ASSERT_EQ(::send(launcher_.get(), "x", 1, 0), 1);
  EXPECT_EQ(read_event(agent_.get(), event), Received::kBroken);
}

TEST(TableDigest, TellsListsOfProbesApart) {
  EXPECT_EQ(table_digest(all_probes()), table_digest(all_probes()));
  EXPECT_NE(table_digest(all_probes()), table_digest(all_probes().subspan(1)));
}

RequestTable example() {
  RequestTable table;
  table.probe_directory = "/opt/probes";
  table.rows.push_back({.enabled = true,
                        .timeout_milliseconds = 1500,
                        .request = std::string("\x0a\0b", 3),
                        .paths = {"/srv/tls", "/x"}});
  table.rows.push_back({.enabled = false, .timeout_milliseconds = 1, .request = {}, .paths = {}});
  return table;
}

TEST(RequestTable, IsReadAsItWasWritten) {
  const std::optional<RequestTable> read = parse_request_table(write_request_table(example()), 2);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->probe_directory, "/opt/probes");
  EXPECT_EQ(read->rows[0].request, std::string("\x0a\0b", 3));
  EXPECT_THAT(read->rows[0].paths, ::testing::ElementsAre("/srv/tls", "/x"));
  EXPECT_EQ(read->rows[0].timeout_milliseconds, 1500);
  EXPECT_FALSE(read->rows[1].enabled);
}

TEST(RequestTable, RefusesWhatIsOutOfItsBounds) {
  const std::string good = write_request_table(example());
  EXPECT_FALSE(parse_request_table(good, 1).has_value()) << "rows of another table";
  EXPECT_FALSE(parse_request_table(good + "x", 2).has_value());
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(parse_request_table(good.substr(0, size), 2).has_value()) << size;
  const auto refuses = [](const auto& change) {
    RequestTable table = example();
    change(table);
    return !parse_request_table(write_request_table(table), 2).has_value();
  };
  EXPECT_TRUE(refuses([](RequestTable& table) { table.probe_directory = "relative"; }));
  EXPECT_TRUE(refuses([](RequestTable& table) { table.rows[0].paths[0] = "relative"; }));
  EXPECT_TRUE(
      refuses([](RequestTable& table) { table.rows[0].paths[0] = std::string("/a\0b", 4); }));
  EXPECT_TRUE(refuses([](RequestTable& table) {
    table.rows[0].paths[0] = std::string(kRequestPathLimit + 1, '/');
  }));
  EXPECT_TRUE(
      refuses([](RequestTable& table) { table.rows[0].paths.assign(kRequestPaths + 1, "/a"); }));
  EXPECT_TRUE(
      refuses([](RequestTable& table) { table.rows[0].request.assign(kRequestLimit + 1, 'x'); }));
  EXPECT_TRUE(refuses([](RequestTable& table) {
    table.rows[0].timeout_milliseconds = kLongestTimeoutMilliseconds + 1;
  }));
}

}  // namespace
}  // namespace muster::agent
