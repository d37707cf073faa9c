#include "desktop/bandwidth.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"

#include <QLocale>
#include <cmath>

namespace wherry::desktop {

namespace {

/// Faster than any network; what is above is a typing error.
constexpr double kMostMegabits = 1e6;
/// Below, nothing would ever end.
constexpr double kLeastMegabits = 0.01;

api::BitRate rateOf(double megabits) {
    return {static_cast<uint64_t>(std::llround(std::clamp(megabits, 0.0, kMostMegabits) * 1e6))};
}

} // namespace

Bandwidth::Bandwidth(EngineSession& engine, QObject* parent) : QObject(parent), m_engine(engine) {
    connect(&engine, &EngineSession::ready, this, &Bandwidth::refresh);
}

void Bandwidth::refresh() {
    m_engine.submit(api::GetStatus{}, this, [this](const api::Event& event) {
        const auto* report = std::get_if<api::StatusReport>(&event);
        if (!report || report->limits == m_limits) return;
        m_limits = report->limits;
        emit changed();
    });
}

QString Bandwidth::summary() const {
    QStringList parts;
    const auto add = [&](api::BitRate rate, const QString& words) {
        if (rate.limited()) parts.append(words.arg(tr("%1\u00a0Mbit/s").arg(text(megabits(rate)))));
    };
    add(m_limits.upload, tr("sends at most %1"));
    add(m_limits.download, tr("receives at most %1"));
    add(m_limits.uploadPerPeer, tr("%1 to each device"));
    add(m_limits.downloadPerPeer, tr("%1 from each device"));
    return parts.isEmpty() ? QString() : tr("Limited: %1").arg(parts.join(tr(", ")));
}

void Bandwidth::set(double upload, double download, double uploadPerPeer, double downloadPerPeer, bool limitsLan) {
    api::BandwidthLimits limits = m_limits;
    limits.upload = rateOf(upload);
    limits.download = rateOf(download);
    limits.uploadPerPeer = rateOf(uploadPerPeer);
    limits.downloadPerPeer = rateOf(downloadPerPeer);
    limits.limitLan = limitsLan;
    m_engine.submit(api::SetLimits{limits}, this, [this, limits](const api::Event& event) {
        if (const auto* refused = std::get_if<api::RequestFailed>(&event))
            return emit failed(shown(refused->error.context));
        m_limits = limits;
        emit changed();
    });
}

double Bandwidth::parse(const QString& typed) const {
    if (typed.trimmed().isEmpty()) return 0;
    bool good = false;
    double megabits = QLocale().toDouble(typed.trimmed(), &good);
    if (!good) megabits = QLocale::c().toDouble(typed.trimmed(), &good);
    if (good && megabits == 0) return 0;
    return good && megabits >= kLeastMegabits && megabits <= kMostMegabits ? megabits : -1;
}

QString Bandwidth::text(double megabits) const {
    return megabits > 0 ? QLocale().toString(megabits, 'g', 6) : QString();
}

} // namespace wherry::desktop
