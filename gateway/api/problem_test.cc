#include "gateway/api/problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace billing::api {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ProblemTest, AProblemSaysWhatAndWhere) {
  const http::Response response = problem({Code::kInvalidDate, "Not \"a\" day.", "/received_on"});
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"/problems/invalid-date","title":"The date is not a calendar day written as YYYY-MM-DD",)"
            R"("status":422,"detail":"Not \"a\" day.","code":"invalid-date","pointer":"/received_on"})");
  EXPECT_EQ(response.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(response.header("Cache-Control"), "no-store");
  EXPECT_THAT(std::string(response.header("Content-Security-Policy")), HasSubstr("default-src 'none'"));
}

TEST(ProblemTest, EachKindHasItsStatusAndHeaders) {
  const auto status = [](Code code) { return problem({code, {}, {}}).status; };
  EXPECT_EQ(status(Code::kMalformedBody), 400);
  EXPECT_EQ(status(Code::kUnauthenticated), 401);
  EXPECT_EQ(status(Code::kForbidden), 403);
  EXPECT_EQ(status(Code::kUnknownAccount), 404);
  EXPECT_EQ(status(Code::kMethodNotAllowed), 405);
  EXPECT_EQ(status(Code::kRequestTooSlow), 408);
  EXPECT_EQ(status(Code::kAccountClosed), 409);
  EXPECT_EQ(status(Code::kVersionMismatch), 412);
  EXPECT_EQ(status(Code::kLineTooLong), 413);
  EXPECT_EQ(status(Code::kDuplicateKey), 422);
  EXPECT_EQ(status(Code::kTooManyRequests), 429);
  EXPECT_EQ(status(Code::kHeadTooLarge), 431);
  EXPECT_EQ(status(Code::kInternal), 500);
  EXPECT_EQ(status(Code::kQueueFull), 503);
  EXPECT_EQ(status(Code::kDeadlineExceeded), 504);
  EXPECT_EQ(problem({Code::kUnauthenticated, {}, {}}).header("WWW-Authenticate"), "Bearer realm=\"billing\"");
  EXPECT_EQ(problem({Code::kQueueFull, {}, {}}).header("Retry-After"), "1");
  EXPECT_EQ(problem({Code::kTooManyRequests, {}, {}}).header("Retry-After"), "60");
}

TEST(ProblemTest, AProblemAndNothingElseGetsTheIdOfItsRequest) {
  http::Response response = problem({Code::kQueueFull, {}, {}});
  add_request_id(response, "abc-1");
  EXPECT_THAT(response.body, testing::EndsWith(R"("code":"queue-full","request_id":"abc-1"})"));
  http::Response other;
  other.content_type = "application/json";
  other.body = "{}";
  add_request_id(other, "abc-1");
  EXPECT_EQ(other.body, "{}");
}

TEST(ProblemTest, WhatWentWrongInsideStaysInside) {
  EXPECT_THAT(problem({Code::kStorageFailure, "/var/lib/billing: disk error", {}}).body, Not(HasSubstr("/var")));
}

}  // namespace
}  // namespace billing::api
