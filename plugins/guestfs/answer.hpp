// What has been found so far, so that an answer can be given at any moment: when time is up, what is known is told.

#pragma once

#include <mutex>
#include <string>

#include "core/model/inspection.hpp"

namespace vmferry::guestfs {

class Answer {
public:
    /// Answers go to `fd`.
    explicit Answer(int fd) : m_fd(fd) {}

    template <typename Change>
    void change(Change change)
    {
        const std::scoped_lock lock(m_mutex);
        change(m_inspection);
    }
    /// What is being done from now on: "checking vda1".
    void doing(std::string what);
    /// For the sentence that says why it ended early: "the appliance ended while checking vda1". The first counts.
    void ended_early(const std::string& why);
    /// It has ended early: there is nothing to be begun any more.
    [[nodiscard]] bool is_over();
    /// Writes the answer and ends the process; once.
    [[noreturn]] void give();

private:
    int m_fd;
    std::mutex m_mutex;
    model::Inspection m_inspection;
    std::string m_doing = "starting";
};

}  // namespace vmferry::guestfs
