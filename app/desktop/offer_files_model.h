#pragma once

#include "api/types.h"

#include <QAbstractListModel>
#include <QHash>
#include <QQmlEngine>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

namespace wherry::desktop {

/// Every file and folder of an offer: searchable, each to be taken or not. Names are made ready for the screen only when
/// they are shown, so that 100 000 of them cost nothing until somebody scrolls there.
class OfferFilesModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of an offer")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged)
    Q_PROPERTY(bool onlyMarked READ onlyMarked WRITE setOnlyMarked NOTIFY searchChanged)
    Q_PROPERTY(int marked READ marked CONSTANT)
    Q_PROPERTY(bool hasOthers READ hasOthers CONSTANT)
    Q_PROPERTY(int chosenFiles READ chosenFiles NOTIFY chosenChanged)
    Q_PROPERTY(double chosenBytes READ chosenBytes NOTIFY chosenChanged)
    Q_PROPERTY(bool allChosen READ allChosen NOTIFY chosenChanged)
    Q_PROPERTY(bool noneChosen READ noneChosen NOTIFY chosenChanged)
    Q_PROPERTY(QString chosenText READ chosenText NOTIFY chosenChanged)

  public:
    enum Role {
        NameRole = Qt::UserRole + 1, ///< the last part of the path, with the folders that have no row of their own before it
        FolderRole,                  ///< what is before it; empty at the root
        IsFolderRole,
        SizeTextRole, ///< of a folder, with how many files are in it, or how many of them are taken
        WarningRole,  ///< why it deserves a second look; empty: nothing
        LandsAsRole,  ///< its name on this disk, when it is not the real one
        CannotLandRole,
        ChosenRole,  ///< of a folder: something in it
        PartlyRole,  ///< of a folder: not everything in it
        RenamedRole, ///< the person has given it the name
        NoteRole,    ///< what there is to know about it, what becomes of it first; empty: nothing
        AlertRole,   ///< one of marked()
        MarkRole,    ///< an icon: "warning": the engine warns of it; "eye-off": characters in its name are not seen;
                     ///< "app": it may be a program, by its name; empty: none of them
        DepthRole,   ///< in how many folders with a row of their own it lies
    };
    Q_ENUM(Role)

    OfferFilesModel(std::vector<api::OfferEntry> entries, const std::vector<api::OfferRename>& renames, QObject* parent);
    /// Names that are given already, names that are taken, and all the files of the offer: another program's engine tells
    /// the first ones of a large one only. The others are taken when all that is listed is, else not.
    void begin(const std::vector<api::OfferName>& names, const std::vector<api::TakenName>& taken, uint64_t files = 0);

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
    /// How many entries deserve a second look: the engine warns about them, or their names hold characters that are not
    /// seen. What holds them comes first in the list.
    int marked() const { return m_marked; }
    /// Those of them that the engine warns about.
    int warned() const { return m_warned; }
    /// The first of them, as it is shown.
    QString firstMarked() const;
    /// Why it is marked, in a sentence.
    QString whyFirstMarked() const;
    /// There are entries that are not marked.
    bool hasOthers() const { return m_marked < static_cast<int>(m_entries.size()); }
    /// The list has the marked ones alone.
    bool onlyMarked() const { return m_onlyMarked; }
    void setOnlyMarked(bool only);
    bool isOneFile() const { return m_entries.size() == 1 && m_filesTotal == 1; }

    /// Takes it or leaves it; a folder with everything in it.
    Q_INVOKABLE void setChosen(int row, bool chosen);
    Q_INVOKABLE void setAllChosen(bool chosen);

    /// Gives an entry another name; its own, or none, takes that back.
    void rename(int row, const QString& name);
    /// The name that is wanted for it, as it can be edited: with nothing neutralised.
    Q_INVOKABLE QString editName(int row) const;
    const std::map<uint32_t, std::string>& names() const { return m_names; }
    /// What would become of names in the place that is chosen now.
    void setFound(const std::vector<api::OfferRename>& renames, const std::vector<api::TakenName>& taken);

    /// As AnswerOffer wants it: empty when everything is chosen.
    std::vector<uint32_t> selection() const;

  signals:
    void countChanged();
    void searchChanged();
    void chosenChanged();
    void renamed();

  private:
    /// What is in a folder, however deep. Only its leaves, which are files and empty folders, are chosen or not.
    struct Contents {
        size_t leaves = 0;
        size_t chosenLeaves = 0;
        uint64_t files = 0;
        uint64_t chosenFiles = 0;
        uint64_t bytes = 0;
    };

    void findContents();
    void joinFolders();
    void listRows();
    void listAnew(const std::function<void()>& change);
    bool isTree() const { return m_search.isEmpty() && !m_onlyMarked; }
    QString nameWithJoined(uint32_t entry) const;
    int depthOf(uint32_t entry) const;
    QString mark(uint32_t entry) const;
    QStringList marksOf(uint32_t entry) const;
    void choose(uint32_t entry, bool chosen);
    void tellChosen();
    bool isMarked(uint32_t entry) const;
    bool isPartly(uint32_t entry) const;
    QString landsAs(uint32_t entry) const;
    QString note(uint32_t entry) const;
    QString outcomeNote(uint32_t entry) const;
    QString folderOf(uint32_t entry) const;
    QString sizeText(uint32_t entry) const;
    const std::string* nameGivenTo(const std::string& path) const;
    const std::string* renameOf(uint32_t entry) const;
    const api::TakenName* takenOf(uint32_t entry) const;

    const std::vector<api::OfferEntry> m_entries;
    std::unordered_map<std::string, std::string> m_renames;     ///< by raw path: what the disk cannot hold as it is
    std::unordered_map<std::string, api::TakenName> m_taken;    ///< by raw path
    std::map<uint32_t, std::string> m_names;                    ///< that the person has given
    std::unordered_map<uint32_t, Contents> m_contents;          ///< of the folders
    std::vector<std::optional<uint32_t>> m_above;               ///< the folder that an entry lies in
    std::vector<bool> m_joined; ///< a folder that stands in the row of the only thing in it, which is a folder, too
    int m_marked = 0;
    int m_warned = 0;
    bool m_onlyMarked = false;
    std::vector<bool> m_chosen;
    size_t m_chosenEntries = 0;
    uint64_t m_filesTotal = 0;
    uint64_t m_filesListed = 0;
    uint64_t m_chosenFiles = 0;
    uint64_t m_chosenBytes = 0;
    QString m_search;
    std::vector<uint32_t> m_rows; ///< entries that the search finds; all when there is no search; see marked()
};

} // namespace wherry::desktop
