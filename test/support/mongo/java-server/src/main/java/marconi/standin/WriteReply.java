package marconi.standin;

import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Puts right what the server says of a write in which some documents were refused. */
final class WriteReply {

    private WriteReply() {
    }

    /** Runs a command by {@code run}, and gives the reply that MongoDB would give. */
    static Document corrected(String command, Document query, UnaryOperator<Document> run) {
        if (command.equals("update") && !Boolean.FALSE.equals(query.get("ordered"))) {
            return untilRefused(query, run);
        }
        Document reply = run.apply(query);
        return command.equals("insert") ? countInserted(query, reply) : reply;
    }

    /** The server counts all documents as inserted, refused or not. */
    private static Document countInserted(Document query, Document reply) {
        List<?> errors = list(reply, "writeErrors");
        if (errors.isEmpty()) {
            return reply;
        }
        boolean ordered = !Boolean.FALSE.equals(query.get("ordered"));
        int inserted = ordered
            ? (Integer) ((Document) errors.get(0)).get("index")
            : list(query, "documents").size() - errors.size();
        reply.put("n", inserted);
        return reply;
    }

    /** The server goes on after a refused update, even in an ordered list of them. */
    private static Document untilRefused(Document query, UnaryOperator<Document> run) {
        Document sum = new Document("n", 0).append("nModified", 0);
        List<Object> upserted = new ArrayList<>();
        List<?> updates = list(query, "updates");
        for (int index = 0; index < updates.size(); index++) {
            Document one = query.clone();
            one.put("updates", List.of(updates.get(index)));
            Document reply = run.apply(one);
            add(sum, reply, "n");
            add(sum, reply, "nModified");
            upserted.addAll(at(index, list(reply, "upserted")));
            List<Document> errors = at(index, list(reply, "writeErrors"));
            if (!errors.isEmpty()) {
                sum.put("writeErrors", errors);
                break;
            }
        }
        if (!upserted.isEmpty()) {
            sum.put("upserted", upserted);
        }
        return sum.append("ok", 1.0);
    }

    private static void add(Document sum, Document reply, String field) {
        sum.put(field, (Integer) sum.get(field) + (Integer) reply.get(field));
    }

    private static List<Document> at(int index, List<?> entries) {
        List<Document> placed = new ArrayList<>();
        for (Object entry : entries) {
            placed.add(((Document) entry).clone().append("index", index));
        }
        return placed;
    }

    private static List<?> list(Document document, String field) {
        return document.get(field) instanceof List<?> list ? list : List.of();
    }
}
