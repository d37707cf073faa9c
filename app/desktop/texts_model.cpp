#include "desktop/texts_model.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"
#include "desktop/peers_model.h"

#include <QClipboard>
#include <QGuiApplication>

namespace wherry::desktop {

namespace {

/// Texts that are kept on the screen; each up to 64 KiB.
constexpr size_t kMaxTexts = 200;

} // namespace

TextsModel::TextsModel(EngineSession& engine, const PeersModel& peers, QObject* parent)
    : QAbstractListModel(parent),
      m_peers(peers) {
    connect(&engine, &EngineSession::event, this, [this](const api::Event& event) {
        const auto* received = std::get_if<api::TextReceived>(&event);
        if (!received) return;
        if (m_texts.size() >= kMaxTexts) remove(rowCount() - 1);
        beginInsertRows({}, 0, 0);
        m_texts.insert(m_texts.begin(), *received);
        endInsertRows();
        emit countChanged();
        emit arrived(m_peers.face(received->text.peer).name);
    });
}

int TextsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_texts.size());
}

QHash<int, QByteArray> TextsModel::roleNames() const {
    return {{PeerIdRole, "peerId"}, {PeerNameRole, "peerName"}, {WordsRole, "words"},      {HueRole, "hue"},
            {TextRole, "text"},     {WhenRole, "when"},         {StrangerRole, "stranger"}};
}

QVariant TextsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const auto& received = m_texts[static_cast<size_t>(index.row())].text;
    const PeerFace face = m_peers.face(received.peer);
    switch (role) {
    case PeerIdRole: return QString::fromStdString(received.peer.text());
    case PeerNameRole: return face.name;
    case WordsRole: return face.words;
    case HueRole: return face.hue;
    case Qt::DisplayRole:
    case TextRole: return shownLines(received.text);
    case WhenRole: return whenText(dateTimeOf(received.receivedAt));
    case StrangerRole: return received.stranger;
    default: return {};
    }
}

void TextsModel::copy(int row) const {
    if (row < 0 || row >= rowCount()) return;
    QGuiApplication::clipboard()->setText(QString::fromStdString(m_texts[static_cast<size_t>(row)].text.text));
}

void TextsModel::remove(int row) {
    if (row < 0 || row >= rowCount()) return;
    beginRemoveRows({}, row, row);
    m_texts.erase(m_texts.begin() + row);
    endRemoveRows();
    emit countChanged();
}

} // namespace wherry::desktop
