package marconi.standin;

import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What a query says of one field, as far as an index can use it: one of some values (else {@code values} is null), or a
 * range, both ends included (null: open). Documents that do not match may be in it; the server looks at each.
 */
record Condition(Collection<Object> values, Object low, Object high) {

    /** Empty when an index is of no use. */
    static Optional<Condition> of(Document query, String field) {
        if (!query.containsKey(field)) {
            return Optional.empty();
        }
        Object wanted = query.get(field);
        if (isOperators(wanted)) {
            return ofOperators((Document) wanted);
        }
        return oneOf(Collections.singletonList(wanted));
    }

    private static boolean isOperators(Object value) {
        return value instanceof Document document && document.keySet().stream().anyMatch(key -> key.startsWith("$"));
    }

    private static Optional<Condition> ofOperators(Document operators) {
        if (operators.containsKey("$eq")) {
            return oneOf(Collections.singletonList(operators.get("$eq")));
        }
        if (operators.get("$in") instanceof Collection<?> wanted) {
            return oneOf(wanted);
        }
        Object low = bound(operators, "$gt", "$gte");
        Object high = bound(operators, "$lt", "$lte");
        return low == null && high == null ? Optional.empty() : Optional.of(new Condition(null, low, high));
    }

    private static Optional<Condition> oneOf(Collection<?> wanted) {
        if (!wanted.stream().allMatch(Condition::isPlain)) {
            return Optional.empty();
        }
        Collection<Object> distinct = new TreeSet<>(OrderedIndex::compareValues);
        distinct.addAll(wanted);
        return Optional.of(new Condition(distinct, null, null));
    }

    private static Object bound(Document operators, String open, String closed) {
        Object value = operators.containsKey(open) ? operators.get(open) : operators.get(closed);
        return isPlain(value) ? value : null;
    }

    private static boolean isPlain(Object value) {
        return !(value instanceof Collection<?> || value instanceof Document || BsonRegularExpression.isRegularExpression(value));
    }
}
