package marconi.standin;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An index in the order of its keys, unique or not. The server's own find documents by all of their keys or not at all,
 * and those that are not unique are names without content: each query then looks at each document.
 */
final class OrderedIndex<P> extends Index<P> {

    private final boolean unique;
    private final List<String> fields;
    /** The `_id` ends each key, so that no two documents have the same. */
    private final TreeMap<List<Object>, P> positions = new TreeMap<>(OrderedIndex::compare);
    private boolean seesAllDocuments = true;

    OrderedIndex(String name, List<IndexKey> keys, boolean unique, boolean sparse) {
        super(name, keys, sparse);
        this.unique = unique;
        this.fields = keys();
    }

    /** False once a document has an array in a field of the index: its keys are more than one, or none. */
    boolean seesAllDocuments() {
        return seesAllDocuments;
    }

    List<String> fields() {
        return fields;
    }

    /** Entries from a key, or the beginning of one, on. */
    SortedMap<List<Object>, P> from(List<Object> key) {
        return positions.tailMap(key);
    }

    @Override
    public boolean isUnique() {
        return unique;
    }

    @Override
    public void checkAdd(Document document, MongoCollection<P> collection) {
        checkUpdate(null, document, collection);
    }

    @Override
    public void checkUpdate(Document oldDocument, Document newDocument, MongoCollection<P> collection) {
        if (!unique) {
            return;
        }
        for (List<Object> key : keysOf(newDocument)) {
            List<Object> next = positions.ceilingKey(key);
            boolean isHeld = next != null && startsWith(next, key);
            if (isHeld && (oldDocument == null || compareValues(next.get(key.size()), oldDocument.get("_id")) != 0)) {
                throw new DuplicateKeyError(this, collection, getKeys(), new KeyValue(key));
            }
        }
    }

    @Override
    public void add(Document document, P position, MongoCollection<P> collection) {
        List<List<Object>> keys = keysOf(document);
        seesAllDocuments &= keys.size() == 1;
        for (List<Object> key : keys) {
            positions.put(plus(key, document.get("_id")), position);
        }
    }

    @Override
    public P remove(Document document) {
        P position = null;
        for (List<Object> key : keysOf(document)) {
            position = positions.remove(plus(key, document.get("_id")));
        }
        return position;
    }

    @Override
    public P getPosition(Document document) {
        for (List<Object> key : keysOf(document)) {
            return positions.get(plus(key, document.get("_id")));
        }
        return null;
    }

    @Override
    public void updateInPlace(Document oldDocument, Document newDocument, P position, MongoCollection<P> collection) {
        if (!keysOf(oldDocument).equals(keysOf(newDocument))) {
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

    /** More than one where a field is an array; none where a sparse index has nothing to hold. */
    private List<List<Object>> keysOf(Document document) {
        List<Object> key = new ArrayList<>(fields.size());
        for (String field : fields) {
            Object value = document.get(field);
            if (value instanceof Collection<?> || field.contains(".")) {
                return getKeyValues(document).stream().map(keyValue -> keyValue.stream().toList()).toList();
            }
            key.add(value);
        }
        return isSparse() && key.stream().allMatch(Objects::isNull) ? List.of() : List.of(key);
    }

    static boolean startsWith(List<Object> key, List<Object> beginning) {
        for (int at = 0; at < beginning.size(); at++) {
            if (compareValues(key.get(at), beginning.get(at)) != 0) {
                return false;
            }
        }
        return true;
    }

    static int compareValues(Object left, Object right) {
        return ValueComparator.ascWithoutListHandling().compare(left, right);
    }

    static List<Object> plus(List<Object> key, Object value) {
        List<Object> longer = new ArrayList<>(key.size() + 1);
        longer.addAll(key);
        longer.add(value);
        return longer;
    }

    /** Field by field; a shorter key comes before those that it begins. */
    private static int compare(List<Object> left, List<Object> right) {
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
