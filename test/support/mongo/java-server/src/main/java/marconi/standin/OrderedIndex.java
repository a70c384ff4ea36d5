package marconi.standin;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An index in the order of its keys, unique or not. The server's own find documents by all of their keys or not at all,
 * and those that are not unique are names without content: each query then looks at each document.
 */
final class OrderedIndex<P> extends Index<P> {

    private final boolean unique;
    /** The `_id` ends each key, so that no two documents have the same. */
    private final TreeMap<KeyValue, P> positions = new TreeMap<>(OrderedIndex::compare);
    private boolean seesAllDocuments = true;

    OrderedIndex(String name, List<IndexKey> keys, boolean unique, boolean sparse) {
        super(name, keys, sparse);
        this.unique = unique;
    }

    /** False once a document has an array in a field of the index: its keys are more than one, or none. */
    boolean seesAllDocuments() {
        return seesAllDocuments;
    }

    List<String> fields() {
        return keys();
    }

    SortedMap<KeyValue, P> all() {
        return positions;
    }

    /** Entries from one key on. */
    SortedMap<KeyValue, P> from(KeyValue key) {
        return positions.tailMap(key);
    }

    @Override
    public boolean isUnique() {
        return unique;
    }

    @Override
    public void checkAdd(Document document, MongoCollection<P> collection) {
        for (KeyValue key : keysOf(document)) {
            if (holder(key) != null) {
                throw new DuplicateKeyError(this, collection, getKeys(), key);
            }
        }
    }

    @Override
    public void checkUpdate(Document oldDocument, Document newDocument, MongoCollection<P> collection) {
        for (KeyValue key : keysOf(newDocument)) {
            KeyValue holder = holder(key);
            if (holder != null && compareValues(holder.get(key.size()), newDocument.get("_id")) != 0) {
                throw new DuplicateKeyError(this, collection, getKeys(), key);
            }
        }
    }

    @Override
    public void add(Document document, P position, MongoCollection<P> collection) {
        Set<KeyValue> keys = getKeyValues(document);
        seesAllDocuments &= keys.size() == 1 && (!isSparse() || !keysOf(document).isEmpty());
        for (KeyValue key : keysOf(document)) {
            positions.put(withId(key, document), position);
        }
    }

    @Override
    public P remove(Document document) {
        P position = null;
        for (KeyValue key : keysOf(document)) {
            position = positions.remove(withId(key, document));
        }
        return position;
    }

    @Override
    public P getPosition(Document document) {
        return keysOf(document).stream().map(key -> positions.get(withId(key, document))).findFirst().orElse(null);
    }

    @Override
    public void updateInPlace(Document oldDocument, Document newDocument, P position, MongoCollection<P> collection) {
        if (!nullAwareEqualsKeys(oldDocument, newDocument)) {
            remove(oldDocument);
            add(newDocument, position, collection);
        }
    }

    @Override
    public boolean canHandle(Document query) {
        return Scan.of(this, query).isPresent();
    }

    @Override
    public Iterable<P> getPositions(Document query) {
        return Scan.of(this, query).orElseThrow().positions();
    }

    @Override
    public long getCount() {
        return positions.size();
    }

    @Override
    public long getDataSize() {
        return getCount();
    }

    @Override
    public void drop() {
        positions.clear();
    }

    /** The entry that has the key, which then no other document may have. */
    private KeyValue holder(KeyValue key) {
        KeyValue next = unique ? positions.ceilingKey(key) : null;
        return next != null && startsWith(next, key) ? next : null;
    }

    private List<KeyValue> keysOf(Document document) {
        List<KeyValue> keys = new ArrayList<>(getKeyValues(document));
        if (isSparse()) {
            keys.removeIf(key -> key.stream().allMatch(Objects::isNull));
        }
        return keys;
    }

    static boolean startsWith(KeyValue key, KeyValue prefix) {
        for (int at = 0; at < prefix.size(); at++) {
            if (compareValues(key.get(at), prefix.get(at)) != 0) {
                return false;
            }
        }
        return true;
    }

    static int compareValues(Object left, Object right) {
        return ValueComparator.ascWithoutListHandling().compare(left, right);
    }

    private static KeyValue withId(KeyValue key, Document document) {
        List<Object> values = new ArrayList<>();
        key.forEach(values::add);
        values.add(document.get("_id"));
        return new KeyValue(values).normalized();
    }

    /** Field by field; a shorter key comes before those that it begins. */
    private static int compare(KeyValue left, KeyValue right) {
        int common = Math.min(left.size(), right.size());
        for (int at = 0; at < common; at++) {
            int order = compareValues(left.get(at), right.get(at));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(left.size(), right.size());
    }
}
