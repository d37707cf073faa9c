#include "protocols/gossipsub/mesh.h"

namespace wherry::gossipsub {

namespace {

class Maintenance {
  public:
    Maintenance(const std::vector<Candidate>& mesh, const std::vector<Candidate>& others, const GossipsubConfig& config,
                Random& random)
        : m_config(config),
          m_random(random),
          m_others(others) {
        for (const Candidate& each : mesh)
            if (each.score < 0)
                m_change.pruneUnfit.push_back(each.peer);
            else
                m_mesh.push_back(each);
        std::erase_if(m_others, [](const Candidate& each) { return each.score < 0; });
        shuffle(m_others, random);
    }

    MeshChange run(bool opportunistic) {
        if (m_mesh.size() < m_config.dLow) graft(m_config.d - m_mesh.size(), [](const Candidate&) { return true; });
        if (m_mesh.size() > m_config.dHigh) shrink();
        if (m_mesh.size() >= m_config.dLow) {
            const size_t out = outbound(m_mesh);
            if (out < m_config.dOut) graft(m_config.dOut - out, [](const Candidate& each) { return each.outbound; });
        }
        if (opportunistic && m_mesh.size() > 1) graftBetter();
        return std::move(m_change);
    }

  private:
    static size_t outbound(const std::vector<Candidate>& peers) {
        return static_cast<size_t>(std::ranges::count(peers, true, &Candidate::outbound));
    }

    template <typename Fits> void graft(size_t count, Fits fits) {
        std::erase_if(m_others, [&](const Candidate& each) {
            if (count == 0 || !fits(each)) return false;
            --count;
            m_change.graft.push_back(each.peer);
            m_mesh.push_back(each);
            return true;
        });
    }

    /// The best stay, the rest by lot; as many of those whom we have dialled as an attacker cannot push out.
    void shrink() {
        shuffle(m_mesh, m_random);
        std::ranges::stable_sort(m_mesh, std::ranges::greater(), &Candidate::score);
        std::vector<Candidate> rest(m_mesh.begin() + static_cast<ptrdiff_t>(std::min(m_config.dScore, m_mesh.size())),
                                    m_mesh.end());
        shuffle(rest, m_random);
        m_mesh.resize(std::min(m_config.dScore, m_mesh.size()));
        const size_t have = outbound(m_mesh);
        size_t wanted = m_config.dOut > have ? m_config.dOut - have : 0;
        std::stable_partition(rest.begin(), rest.end(), [&](const Candidate& each) {
            if (wanted == 0 || !each.outbound) return false;
            --wanted;
            return true;
        });
        for (const Candidate& each : rest)
            if (m_mesh.size() < m_config.d)
                m_mesh.push_back(each);
            else
                m_change.prune.push_back(each.peer);
    }

    void graftBetter() {
        std::vector<double> scores;
        for (const Candidate& each : m_mesh) scores.push_back(each.score);
        std::ranges::sort(scores);
        const double median = scores[scores.size() / 2];
        if (median >= m_config.thresholds.opportunisticGraft) return;
        graft(m_config.opportunisticGraftPeers, [&](const Candidate& each) { return each.score > median; });
    }

    const GossipsubConfig& m_config;
    Random& m_random;
    std::vector<Candidate> m_mesh;
    std::vector<Candidate> m_others;
    MeshChange m_change;
};

} // namespace

MeshChange maintain(const std::vector<Candidate>& mesh, const std::vector<Candidate>& others,
                    const GossipsubConfig& config, bool opportunistic, Random& random) {
    return Maintenance(mesh, others, config, random).run(opportunistic);
}

} // namespace wherry::gossipsub
