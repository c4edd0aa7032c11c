#include "core/base/json.hpp"

#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/json_at.hpp"

namespace vmferry {
namespace {

TEST(JsonTest, TheSameValueAlwaysGivesTheSameBytes)
{
    const Json one = {{"b", 1}, {"a", {{"z", 1}, {"y", 2}}}};
    const Json two = {{"a", {{"y", 2}, {"z", 1}}}, {"b", 1}};
    EXPECT_EQ(dump_json(one), dump_json(two));
    EXPECT_EQ(dump_json(one), R"({"a":{"y":2,"z":1},"b":1})");
}

TEST(JsonTest, MalformedTextIsAnErrorAndNoException)
{
    for (const char* text : {"", "{", "{\"a\":}", "[1,]", "nul", "{} x"}) {
        const auto parsed = parse_json(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().kind(), ErrorKind::usage);
    }
}

TEST(JsonTest, WhatIsNestedWithoutEndIsAnErrorAndDoesNotTakeTheStack)
{
    const std::string deep(1'000'000, '[');
    EXPECT_FALSE(parse_json(deep));
    const std::string closed = std::string(65, '[') + std::string(65, ']');
    EXPECT_FALSE(parse_json(closed));
    const std::string fine = std::string(64, '[') + std::string(64, ']');
    EXPECT_EQ(dump_json(parse_json(fine).value()), fine);
}

TEST(JsonTest, AValueOfAnotherTypeIsNoValue)
{
    const Json object = {{"text", "a"}, {"flag", true}, {"number", 7}};
    EXPECT_EQ(text_at(object, "text"), "a");
    EXPECT_TRUE(flag_at(object, "flag"));
    EXPECT_EQ(integer_at(object, "number", 1), 7);
    for (const char* key : {"text", "flag", "number", "none"}) {
        EXPECT_EQ(text_at(Json::array({key}), key), "");
        EXPECT_EQ(integer_at(Json(), key, 1), 1);
    }
    EXPECT_EQ(text_at(object, "flag"), "");
    EXPECT_FALSE(flag_at(object, "text"));
    EXPECT_EQ(integer_at(object, "text", 1), 1);
}

TEST(JsonTest, BytesOfAHostThatAreNotUtf8DoNotThrow) { EXPECT_EQ(dump_json(Json("a\xff")), "\"a\xef\xbf\xbd\""); }

TEST(Digest, IsSha256)
{
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(ErrorTest, TheStoryIsToldInOrder)
{
    const Error error = Error(ErrorKind::failed, "the domain could not be resumed")
                            .with_cause("libvirt error 55: domain is not running")
                            .in("resuming web1 on kvm2");
    EXPECT_EQ(error.text(),
              "the domain could not be resumed (resuming web1 on kvm2): libvirt error 55: domain is not running");
}

TEST(ErrorTest, EveryKindHasAName)
{
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) {
        EXPECT_FALSE(to_string(static_cast<ErrorKind>(kind)).empty());
    }
    EXPECT_EQ(to_string(ErrorKind::unknown_host), "unknown-host");
}

TEST(JsonTest, AListIsReadAsItsTexts)
{
    const Json object = {{"list", {"a", 7, "b"}}, {"text", "a"}};
    EXPECT_EQ(texts_at(object, "list"), (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(texts_at(object, "text").empty());
    EXPECT_TRUE(texts_at(object, "missing").empty());
    EXPECT_TRUE(texts_at(Json(), "list").empty());
}

}  // namespace
}  // namespace vmferry
