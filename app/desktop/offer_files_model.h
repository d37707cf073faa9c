#pragma once

#include "api/types.h"

#include <QAbstractListModel>
#include <QHash>
#include <QQmlEngine>

namespace wherry::desktop {

/// Every file and folder of an offer: searchable, each to be taken or not. Names are made ready for the screen only when
/// they are shown, so that 100 000 of them cost nothing until somebody scrolls there.
class OfferFilesModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of an offer")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged)
    Q_PROPERTY(int chosenFiles READ chosenFiles NOTIFY chosenChanged)
    Q_PROPERTY(double chosenBytes READ chosenBytes NOTIFY chosenChanged)
    Q_PROPERTY(bool allChosen READ allChosen NOTIFY chosenChanged)
    Q_PROPERTY(bool noneChosen READ noneChosen NOTIFY chosenChanged)
    Q_PROPERTY(QString chosenText READ chosenText NOTIFY chosenChanged)

  public:
    enum Role {
        NameRole = Qt::UserRole + 1, ///< the last part of the path
        FolderRole,                  ///< what is before it; empty at the root
        IsFolderRole,
        SizeTextRole,
        WarningRole,  ///< why it deserves a second look; empty: nothing
        LandsAsRole,  ///< its name on this disk, when that cannot hold the real one
        CannotLandRole,
        ChosenRole,
    };
    Q_ENUM(Role)

    OfferFilesModel(std::vector<api::OfferEntry> entries, const std::vector<api::OfferRename>& renames, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    int count() const { return rowCount(); }
    QString search() const { return m_search; }
    void setSearch(const QString& search);
    int chosenFiles() const { return static_cast<int>(m_chosenFiles); }
    double chosenBytes() const { return static_cast<double>(m_chosenBytes); }
    bool allChosen() const { return m_chosenEntries == m_entries.size(); }
    bool noneChosen() const { return m_chosenEntries == 0; }
    QString chosenText() const;

    /// Takes it or leaves it; a folder with everything in it.
    Q_INVOKABLE void setChosen(int row, bool chosen);
    Q_INVOKABLE void setAllChosen(bool chosen);

    /// As AnswerOffer wants it: empty when everything is chosen.
    std::vector<uint32_t> selection() const;

  signals:
    void countChanged();
    void searchChanged();
    void chosenChanged();

  private:
    void choose(size_t entry, bool chosen);

    const std::vector<api::OfferEntry> m_entries;
    QHash<QString, std::string> m_renames; ///< by raw path
    std::vector<bool> m_chosen;
    size_t m_chosenEntries = 0;
    uint64_t m_chosenFiles = 0;
    uint64_t m_chosenBytes = 0;
    QString m_search;
    std::vector<uint32_t> m_rows; ///< entries that the search finds; all when there is no search
};

} // namespace wherry::desktop
