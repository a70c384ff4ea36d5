package marconi.standin;

import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The parts of an index in which the documents of a query are: those that begin with a prefix, within a range. */
final class Scan<P> {

    private static final int MAX_PREFIXES = 10_000;

    private final OrderedIndex<P> index;
    private List<List<Object>> prefixes = List.of(List.of());
    private int fixed;
    private Condition range;

    private Scan(OrderedIndex<P> index) {
        this.index = index;
    }

    /** The narrowest that the indexes of a collection allow; empty when all documents have to be looked at. */
    static <P> Optional<Scan<P>> best(Collection<Index<P>> indexes, Document query, Document sort) {
        return indexes.stream()
            .filter(OrderedIndex.class::isInstance)
            .flatMap(index -> Scan.of((OrderedIndex<P>) index, query).stream())
            .max(Comparator.comparingInt(scan -> scan.rank(sort)));
    }

    /** Empty when the query says nothing of the index's first field. */
    static <P> Optional<Scan<P>> of(OrderedIndex<P> index, Document query) {
        Scan<P> scan = new Scan<>(index);
        if (index.seesAllDocuments()) {
            scan.narrow(query);
        }
        return scan.fixed == 0 && scan.range == null ? Optional.empty() : Optional.of(scan);
    }

    /** Where the documents are, in the order of the index within each prefix. */
    Iterable<P> positions() {
        // One stream alone is read as far as it is asked for; many are read to the end.
        return prefixes.size() == 1
            ? within(prefixes.get(0))::iterator
            : () -> prefixes.stream().flatMap(this::within).iterator();
    }

    /** True when the documents come as the query wants them sorted, so that a limit can end the search early. */
    boolean isSortedBy(Document sort) {
        if (sort == null || sort.isEmpty()) {
            return true;
        }
        List<String> rest = index.fields().subList(fixed, index.fields().size());
        List<String> wanted = List.copyOf(sort.keySet());
        boolean rises = sort.values().stream().allMatch(way -> way instanceof Number number && number.intValue() == 1);
        return prefixes.size() == 1 && rises && rest.size() >= wanted.size() && rest.subList(0, wanted.size()).equals(wanted);
    }

    private int rank(Document sort) {
        boolean single = index.isUnique() && fixed == index.fields().size();
        return (single ? 100 : 0) + fixed * 4 + (range == null ? 0 : 2) + (isSortedBy(sort) ? 1 : 0);
    }

    private void narrow(Document query) {
        for (String field : index.fields()) {
            Optional<Condition> condition = Condition.of(query, field);
            Collection<Object> values = condition.map(Condition::values).orElse(null);
            if (values == null || (long) prefixes.size() * values.size() > MAX_PREFIXES) {
                range = condition.filter(known -> known.values() == null).orElse(null);
                return;
            }
            prefixes = prefixes.stream().flatMap(prefix -> values.stream().map(value -> OrderedIndex.plus(prefix, value))).toList();
            fixed++;
        }
    }

    private Stream<P> within(List<Object> prefix) {
        List<Object> start = range == null || range.low() == null ? prefix : OrderedIndex.plus(prefix, range.low());
        return index.from(start).entrySet().stream()
            .takeWhile(entry -> OrderedIndex.startsWith(entry.getKey(), prefix) && isBelow(entry.getKey().get(fixed)))
            .map(Map.Entry::getValue);
    }

    private boolean isBelow(Object value) {
        return range == null || range.high() == null || OrderedIndex.compareValues(value, range.high()) <= 0;
    }
}
