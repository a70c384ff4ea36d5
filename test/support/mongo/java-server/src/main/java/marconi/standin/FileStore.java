package marconi.standin;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import java.util.Optional;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/** The server's backend on a file of H2's, with indexes that queries use; they are made anew when it is opened. */
final class FileStore extends H2Backend {

    private static final String DOCUMENTS = "databases.";
    private static final String FACTS = "meta.";

    /** Opens a file, or makes it. */
    FileStore(String file) {
        // No commit by the store's own thread: it would write documents that a command is changing.
        super(new MVStore.Builder().fileName(file).autoCommitDisabled().open());
        // What a process has written survives its end, in order: old versions need not be kept for a lost disk cache.
        getMvStore().setRetentionTime(0);
    }

    @Override
    protected MongoDatabase openOrCreateDatabase(String name) {
        return new Database(name);
    }

    private final class Database extends H2Database {

        Database(String name) {
            super(name, getMvStore(), getCursorRegistry());
        }

        @Override
        protected MongoCollection<Object> openOrCreateCollection(String name, CollectionOptions options) {
            String fullName = getFullCollectionNamespace(name);
            MVMap<Object, Document> documents = getMvStore().openMap(DOCUMENTS + fullName);
            MVMap<String, Object> facts = getMvStore().openMap(FACTS + fullName);
            return new Documents(this, name, options, documents, facts, cursorRegistry);
        }

        @Override
        protected Index<Object> openOrCreateUniqueIndex(String collection, String name, List<IndexKey> keys, boolean sparse) {
            return new OrderedIndex<>(name, keys, true, sparse);
        }

        @Override
        protected Index<Object> openOrCreateSecondaryIndex(String collection, String name, List<IndexKey> keys, boolean sparse) {
            return new OrderedIndex<>(name, keys, false, sparse);
        }
    }

    private static final class Documents extends H2Collection {

        Documents(MongoDatabase database, String name, CollectionOptions options, MVMap<Object, Document> documents,
                  MVMap<String, Object> facts, CursorRegistry cursors) {
            super(database, name, options, documents, facts, cursors);
        }

        @Override
        protected QueryResult queryDocuments(Document query, Document sort, int skip, int limit, int batch, Document fields) {
            Optional<Scan<Object>> best = Scan.best(getIndexes(), query, sort);
            if (best.isEmpty()) {
                return matchDocuments(query, sort, skip, limit, batch, fields);
            }
            Scan<Object> scan = best.get();
            return matchDocuments(query, scan.positions(), scan.isSortedBy(sort) ? null : sort, skip, limit, batch, fields);
        }
    }
}
