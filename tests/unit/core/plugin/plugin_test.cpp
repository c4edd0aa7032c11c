// Goal: a plugin may do what it likes, and the caller gets an answer or an error, and nothing else. Method: plugins
// that are shell scripts, each with a vice.

#include "core/plugin/plugin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/plugin/guestfs_inspector.hpp"

namespace vmferry::plugin {
namespace {

using ::testing::HasSubstr;

class PluginTest : public ::testing::Test {
protected:
    PluginTest()
    {
        std::string name = "/tmp/vmferry-plugin-test-XXXXXX";
        m_directory = ::mkdtemp(name.data());
    }
    ~PluginTest() override
    {
        std::error_code error;
        std::filesystem::remove_all(m_directory, error);
    }

    void install(const std::string& script, mode_t mode = 0755, const std::string& name = "guestfs")
    {
        const std::string path = m_directory + "/" + name;
        std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    }
    Result<Json> call(const std::string& script, Milliseconds limit = Milliseconds(5000), bool stop = false)
    {
        install(script);
        const auto plugin = find_plugin(m_directory, "guestfs");
        EXPECT_TRUE(plugin);
        return plugin ? call_plugin(*plugin, {{"schema", "test/1"}}, limit, [stop] { return stop; })
                      : fail(plugin.error());
    }
    Error error_of(const std::string& script, Milliseconds limit = Milliseconds(5000), bool stop = false)
    {
        const auto answer = call(script, limit, stop);
        EXPECT_FALSE(answer);
        return answer ? Error(ErrorKind::internal, "no error") : answer.error();
    }
    const std::string& directory() const { return m_directory; }

private:
    std::string m_directory;
};

TEST_F(PluginTest, IsGivenItsRequestAndItsAnswerIsTaken)
{
    const auto answer = call("read request; printf '{\"asked\": %s}' \"$request\"");
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ((*answer)["asked"]["schema"], "test/1");
}

TEST_F(PluginTest, OneThatHangsIsAnError)
{
    const Error error = error_of("sleep 600", Milliseconds(200));
    EXPECT_EQ(error.kind(), ErrorKind::failed);
    EXPECT_THAT(error.what(), HasSubstr("its limit"));
}

TEST_F(PluginTest, OneThatFloodsIsAnError)
{
    EXPECT_THAT(error_of("exec head -c 10000000 /dev/zero").what(), HasSubstr("wrote more than 4.0 MiB"));
}

TEST_F(PluginTest, OneThatCrashesIsAnErrorWithItsSignal)
{
    EXPECT_THAT(error_of("kill -ABRT $$").what(), HasSubstr("SIGABRT"));
}

TEST_F(PluginTest, OneThatFailsIsAnErrorWithItsLastWords)
{
    const Error error = error_of("echo first >&2; printf 'the \\033[31mreason\\n' >&2; exit 69");
    EXPECT_THAT(error.what(), HasSubstr("exit code 69"));
    EXPECT_EQ(error.cause(), "the \\x1b[31mreason");
}

TEST_F(PluginTest, GarbageIsAnError)
{
    EXPECT_THAT(error_of("echo hello").what(), HasSubstr("no JSON object"));
    EXPECT_THAT(error_of("echo '[1,2]'").what(), HasSubstr("no JSON object"));
    EXPECT_THAT(error_of("true").what(), HasSubstr("no JSON object"));
    EXPECT_THAT(error_of("echo '{}{}'").what(), HasSubstr("no JSON object"));
}

TEST_F(PluginTest, AnAnswerBesideAFailureIsNone) { EXPECT_FALSE(call("echo '{}'; exit 1")); }

TEST_F(PluginTest, AStopIsAnInterruption)
{
    EXPECT_EQ(error_of("sleep 600", Milliseconds(60000), true).kind(), ErrorKind::interrupted);
}

TEST_F(PluginTest, ItsDirectoryForTemporaryFilesIsItsOwnAndIsRemoved)
{
    const auto answer = call("touch \"$TMPDIR/left\"; chmod 500 \"$TMPDIR\"; "
                             "printf '{\"dir\": \"%s\", \"runtime\": \"%s\"}' \"$TMPDIR\" \"$XDG_RUNTIME_DIR\"");
    ASSERT_TRUE(answer) << answer.error().text();
    const std::string dir = (*answer)["dir"];
    EXPECT_THAT(dir, HasSubstr("/tmp/vmferry-plugin-"));
    EXPECT_EQ((*answer)["runtime"], dir);
    if (::geteuid() == 0) {  // Others cannot remove what they may not write to.
        EXPECT_FALSE(std::filesystem::exists(dir));
    }
}

TEST_F(PluginTest, OneThatIsMissingIsNotFound)
{
    const auto plugin = find_plugin(directory(), "guestfs");
    ASSERT_FALSE(plugin);
    EXPECT_EQ(plugin.error().kind(), ErrorKind::not_found);
}

TEST_F(PluginTest, OneThatCannotBeExecutedIsAMistakeOfTheInstallation)
{
    install("true", 0644);
    const auto plugin = find_plugin(directory(), "guestfs");
    ASSERT_FALSE(plugin);
    EXPECT_EQ(plugin.error().kind(), ErrorKind::config);
    EXPECT_THAT(plugin.error().next(), HasSubstr("chmod 0755"));
}

TEST_F(PluginTest, OneThatOthersMayChangeIsNotRun)
{
    install("true", 0777);
    EXPECT_FALSE(find_plugin(directory(), "guestfs"));
    install("true");
    EXPECT_TRUE(find_plugin(directory(), "guestfs"));
    ASSERT_EQ(::chmod(directory().c_str(), 0777), 0);
    EXPECT_FALSE(find_plugin(directory(), "guestfs")) << "whoever writes there can put another in its place";
}

TEST_F(PluginTest, TheInspectorAsksForImagesByPathAndFormat)
{
    install("cat >\"$(dirname \"$0\")/request\"; echo '{\"schema\": \"vmferry.inspection/1\"}'");
    GuestfsInspector inspector({directory(), Milliseconds(5000), false}, [] { return false; });
    ASSERT_TRUE(inspector.inspect({{"vda", "/srv/vm/a.qcow2", "qcow2"}}));
    std::ifstream file(directory() + "/request");
    std::string text;
    std::getline(file, text);
    const auto request = parse_json(text);
    ASSERT_TRUE(request);
    EXPECT_EQ(*request, (Json{{"schema", "vmferry.inspect/1"},
                              {"kvm", false},
                              {"limit_ms", 5000},
                              {"images", {{{"disk", "vda"}, {"path", "/srv/vm/a.qcow2"}, {"format", "qcow2"}}}}}));
}

TEST_F(PluginTest, TheInspectorNamesThePackageThatIsMissing)
{
    GuestfsInspector inspector({directory(), Milliseconds(5000), false}, [] { return false; });
    const auto inspection = inspector.inspect({{"vda", "/srv/vm/a.qcow2", "qcow2"}});
    ASSERT_FALSE(inspection);
    EXPECT_THAT(inspection.error().next(), HasSubstr("vmferry-plugin-guestfs"));
}

TEST_F(PluginTest, TheInspectorTakesNoAnswerOfAnotherKind)
{
    install("echo '{\"schema\": \"vmferry.announce/1\"}'");
    GuestfsInspector inspector({directory(), Milliseconds(5000), false}, [] { return false; });
    const auto inspection = inspector.inspect({{"vda", "/srv/vm/a.qcow2", "qcow2"}});
    ASSERT_FALSE(inspection);
    EXPECT_THAT(inspection.error().what(), HasSubstr("cannot be used"));
}

TEST_F(PluginTest, TheInspectorReadsTheBeginningOfFiles)
{
    GuestfsInspector inspector({directory(), Milliseconds(5000), false}, [] { return false; });
    std::ofstream(directory() + "/nonce") << "content";
    EXPECT_EQ(inspector.beginning_of(directory() + "/nonce"), "content");
    std::ofstream(directory() + "/long") << std::string(10000, 'x');
    EXPECT_EQ(inspector.beginning_of(directory() + "/long")->size(), 4096U);
    EXPECT_EQ(inspector.beginning_of(directory() + "/none"), std::nullopt);
    EXPECT_EQ(inspector.beginning_of(directory()), std::nullopt);
    EXPECT_FALSE(inspector.is_block_device(directory() + "/nonce"));
}

}  // namespace
}  // namespace vmferry::plugin
