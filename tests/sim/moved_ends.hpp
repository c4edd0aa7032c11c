// From where stories let the VM be moved once more. A story that ends as one before it need not do it again: what
// comes of it is the same.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/sim/universe.hpp"

namespace vmferry::sim {

class MovedEnds {
public:
    /// All that a move can meet. Not what is different in each story and decides nothing: ids, processor time.
    struct End {
        Shape shape;
        Machine machines[2];
        std::map<std::string, std::string> shared_files;
        std::vector<Flow::At> flows;  ///< How far each migrate call came.
        bool split = false;           ///< There was a post-copy.
        bool price_was_paid = false;

        bool operator==(const End& other) const = default;
        [[nodiscard]] static End of(const Universe& universe, const Shape& shape);
    };

    [[nodiscard]] bool contains(const End& end) const;
    void add(End end) { m_ends.push_back(std::move(end)); }

private:
    std::vector<End> m_ends;
};

}  // namespace vmferry::sim
