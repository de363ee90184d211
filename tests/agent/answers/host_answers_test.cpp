// What a probe makes of what it is told, and of nothing.
#include "agent/probes/host_answers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

#include "agent/asking/answer_table_reader.h"
#include "agent/probes/protection/product_complaint.h"
#include "agent/sandbox/host_answers_source.h"
#include "tests/common/temporary_directory.h"

namespace muster::probe {
namespace {

using answers::Answer;
using answers::Outcome;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string complaint(const Answer& answer) {
  return complaint_about(HostAnswers(std::vector{answer}), answer.name);
}

Answer falcon(Outcome outcome, int status, std::string text = {}, std::string error_text = {}) {
  return {"crowdstrike-falcon", outcome, status, std::move(text), std::move(error_text)};
}

// Of a pipe that somebody has written this to.
HostAnswers read_bytes(const std::string& bytes) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  std::thread writer([&] {
    EXPECT_EQ(::write(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ::close(ends[1]);
  });
  HostAnswers answers = read_host_answers(ends[0], 'a');
  writer.join();
  ::close(ends[0]);
  return answers;
}

TEST(ComplaintAboutAnAnswer, IsNoneOfAnAnsweredQuestion) {
  EXPECT_EQ(complaint(falcon(Outcome::kAnswered, 0, "rfm-state=false.")), "");
}

TEST(ComplaintAboutAnAnswer, SaysWhatStandsAgainstIt) {
  const std::string falconctl = "its status command /opt/CrowdStrike/falconctl ";
  EXPECT_EQ(complaint(falcon(Outcome::kAnswered, 255, "", "\n ERROR: must be run as root\nmore")),
            falconctl + "ended with status 255: ERROR: must be run as root");
  EXPECT_EQ(complaint(falcon(Outcome::kAnswered, 1, "said so\n")),
            falconctl + "ended with status 1: said so");
  EXPECT_EQ(complaint(falcon(Outcome::kAnswered, -11)), falconctl + "ended with signal 11");
  EXPECT_EQ(complaint(falcon(Outcome::kAbsent, ENOENT)),
            falconctl + "is not there: No such file or directory");
  EXPECT_THAT(complaint(falcon(Outcome::kUnsafe, EPERM)), HasSubstr("belongs to others than root"));
  EXPECT_EQ(complaint(falcon(Outcome::kTimedOut, 0)),
            falconctl + "did not answer in time and was ended");
  EXPECT_EQ(complaint(falcon(Outcome::kTooLong, 0)), falconctl + "said more than 1024 KiB");
  EXPECT_EQ(complaint(falcon(Outcome::kFailed, EACCES)),
            falconctl + "could not be asked: Permission denied");
}

// Of each kind of question, each outcome.
TEST(ComplaintAboutAnAnswer, ReadsWellOfWhomeverWasAsked) {
  struct Story {
    std::string question;
    Outcome outcome;
    int status;
    std::string words;
  };
  const std::string command = "its status command /opt/CrowdStrike/falconctl";
  const std::string socket = "its socket (usually /run/clamav/clamd.ctl)";
  const std::string port = "its port on the loopback (usually 8765)";
  const std::string links =
      ", what it links to or a directory above belongs to others than root, or others may write to "
      "it";
  const std::string unsafe = ": it" + links;
  for (const Story& story : std::vector<Story>{
           {"crowdstrike-falcon", Outcome::kAnswered, 3, command + " ended with status 3"},
           {"crowdstrike-falcon", Outcome::kAbsent, ENOENT,
            command + " is not there: No such file or directory"},
           {"crowdstrike-falcon", Outcome::kUnsafe, EPERM, command + " was not run" + unsafe},
           {"crowdstrike-falcon", Outcome::kTimedOut, 0,
            command + " did not answer in time and was ended"},
           {"crowdstrike-falcon", Outcome::kTooLong, 0, command + " said more than 1024 KiB"},
           {"crowdstrike-falcon", Outcome::kFailed, EACCES,
            command + " could not be asked: Permission denied"},
           {"clamd", Outcome::kAnswered, -11,
            socket + " could not be asked: that ended with signal 11"},
           {"clamd", Outcome::kAbsent, ECONNREFUSED,
            "nobody listens at " + socket + ": Connection refused"},
           {"clamd", Outcome::kUnsafe, EPERM,
            socket + " was not asked: /etc/clamav/clamd.conf" + links},
           {"clamd", Outcome::kUnsafe, EACCES,
            socket + " is not believed: who listens there is neither root nor the user whom "
                     "/etc/clamav/clamd.conf names"},
           {"clamd", Outcome::kFailed, EADDRNOTAVAIL,
            socket + " was not asked: by /etc/clamav/clamd.conf it listens at another address than "
                     "127.0.0.1"},
           {"clamd", Outcome::kTimedOut, 0, socket + " did not answer in time"},
           {"clamd", Outcome::kTooLong, 0, socket + " said more than 1024 KiB"},
           {"clamd", Outcome::kFailed, ECONNRESET,
            socket + " could not be asked: Connection reset by peer"},
           {"falco", Outcome::kAnswered, 1, port + " could not be asked: that ended with status 1"},
           {"falco", Outcome::kAbsent, ECONNREFUSED,
            "nobody listens at " + port + ": Connection refused"},
           {"falco", Outcome::kAbsent, EOPNOTSUPP,
            "nobody listens at " + port + ": it is switched off in /etc/falco/falco.yaml"},
           {"falco", Outcome::kUnsafe, EPERM,
            port + " was not asked: /etc/falco/falco.yaml" + links},
           {"falco", Outcome::kTimedOut, 0, port + " did not answer in time"},
           {"falco", Outcome::kTooLong, 0, port + " said more than 1024 KiB"},
           {"falco", Outcome::kFailed, ENETUNREACH,
            port + " could not be asked: Network is unreachable"},
           {"auditd", Outcome::kAnswered, -9,
            "the kernel could not be asked: that ended with signal 9"},
           {"auditd", Outcome::kAbsent, EPROTONOSUPPORT,
            "the kernel has no audit: Protocol not supported"},
           {"auditd", Outcome::kUnsafe, EPERM, "the kernel was not asked" + unsafe},
           {"auditd", Outcome::kTimedOut, 0, "the kernel did not answer in time"},
           {"auditd", Outcome::kTooLong, 0, "the kernel said more than 1024 KiB"},
           {"auditd", Outcome::kFailed, EPERM,
            "the kernel tells of its audit only root with CAP_AUDIT_CONTROL; see: auditctl -s"},
           {"auditd", Outcome::kFailed, EMFILE,
            "the kernel could not be asked: Too many open files"},
           {"processes", Outcome::kAnswered, -9,
            "the list of processes could not be read: that ended with signal 9"},
           {"processes", Outcome::kAbsent, ENOENT,
            "the list of processes is not there: No such file or directory"},
           {"processes", Outcome::kUnsafe, EPERM, "the list of processes was not read" + unsafe},
           {"processes", Outcome::kTimedOut, 0, "the list of processes could not be read in time"},
           {"processes", Outcome::kTooLong, 0, "the list of processes has more than 1024 KiB"},
           {"processes", Outcome::kFailed, EMFILE,
            "the list of processes could not be read: Too many open files"},
           // Of another version's table.
           {"a-later-product", Outcome::kAbsent, ENOENT,
            "the product is not there: No such file or directory"},
           {"a-later-product", Outcome::kTimedOut, 0, "the product did not answer in time"},
           {"a-later-product", Outcome::kFailed, 12345,
            "the product could not be asked: error 12345"}}) {
    EXPECT_EQ(complaint({story.question, story.outcome, story.status, {}, {}}), story.words);
  }
}

TEST(ComplaintAboutAnAnswer, IsASentenceWhateverWasSaid) {
  const std::string text = complaint(falcon(Outcome::kAnswered, 1, "", std::string(4096, '\x1b')));
  EXPECT_LE(text.size(), 256);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(HostAnswers, AreFoundByTheirQuestion) {
  const HostAnswers answers =
      read_bytes(answers::write_table({falcon(Outcome::kAnswered, 0, "version = 7")}));
  ASSERT_NE(answers.find("crowdstrike-falcon"), nullptr);
  EXPECT_EQ(answers.find("crowdstrike-falcon")->text, "version = 7");
  EXPECT_EQ(answers.find("clamd"), nullptr);
  EXPECT_THAT(complaint_about(answers, "clamd"), StartsWith("nobody was asked: "));
}

TEST(HostAnswers, ThatAreNotWholeAreNone) {
  const std::string whole = answers::write_table({falcon(Outcome::kAnswered, 0, "version = 7")});
  for (const std::string& bytes :
       {std::string(), std::string("hello"), whole.substr(0, whole.size() - 1), whole + whole,
        std::string(answers::kMostOfTable + 1, 'x')}) {
    const HostAnswers answers = read_bytes(bytes);
    EXPECT_EQ(answers.find("crowdstrike-falcon"), nullptr);
    EXPECT_THAT(complaint_about(answers, "crowdstrike-falcon"), StartsWith("nobody was asked: "));
  }
}

TEST(HostAnswers, AreNotWaitedForWithoutEnd) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  EXPECT_EQ(read_host_answers(ends[0], 'a', std::chrono::milliseconds(100)).why_not(),
            "nobody was asked: muster-answers took longer than 100 ms");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(HostAnswers, OfAnImageAreNone) {
  EXPECT_EQ(take_host_answers("/mnt", 'a').why_not(),
            "nobody was asked: an image at rest answers nothing");
}

class TheSourceOfAnswers : public ::testing::Test {
 protected:
  // The directory that has it.
  std::string script(const std::string& text, const std::string& name = "muster-answers") {
    directory_.write(name, "#!/bin/sh\n" + text, 0755);
    return directory_.path();
  }
  // All that comes; without a socket unless there is one in `sockets`.
  std::string read(char group, const std::string& programs, const std::string& sockets = "/none") {
    const Descriptor answers = agent::open_host_answers(group, programs, sockets);
    std::string text;
    char byte = '\0';
    while (::read(answers.get(), &byte, 1) == 1)
      text += byte;
    return text;
  }

  test::TemporaryDirectory directory_;
};

TEST_F(TheSourceOfAnswers, IsTheSocketBeforeTheProgram) {
  const std::string path = directory_.file("device-answers.sock");
  const Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  std::thread server([&listener] {
    const Descriptor connection(::accept(listener.get(), nullptr, nullptr));
    char order = '\0';
    EXPECT_EQ(::read(connection.get(), &order, 1), 1);
    const std::string answer = fmt::format("order {}", order);
    EXPECT_GT(::write(connection.get(), answer.data(), answer.size()), 0);
  });
  EXPECT_EQ(read('f', script("echo program", "muster-device-answers"), directory_.path()),
            "order f");
  server.join();
}

TEST_F(TheSourceOfAnswers, IsTheProgramWithoutASocketAndHasNoEnvironment) {
  EXPECT_EQ(read('a', script("echo $*; echo \"HOME is ${HOME-unset}\"")),
            "antivirus\nHOME is unset\n");
  EXPECT_EQ(read('i', script("echo $*"), directory_.path()), "intrusion-detection\n");
  EXPECT_EQ(read('f', directory_.path()), "");
  EXPECT_EQ(read('f', script("echo $*", "muster-device-answers")), "firmware\n");
  EXPECT_EQ(read('h', directory_.path()), "hardware\n");
}

TEST_F(TheSourceOfAnswers, IsEmptyWhereThereIsNeither) {
  EXPECT_EQ(read('a', ""), "");
  EXPECT_EQ(read('a', directory_.file("none")), "");
  EXPECT_EQ(read('z', script("echo $*")), "");
}

}  // namespace
}  // namespace muster::probe
