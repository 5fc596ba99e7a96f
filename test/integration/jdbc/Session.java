import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Properties;

/** A day of a JDBC tool, one line of output for each thing it did. Arguments: URL, user, password, CA file. */
public class Session {
  public static void main(String[] words) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("user", words[1]);
    properties.setProperty("password", words[2]);
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslrootcert", words[3]);
    properties.setProperty("ApplicationName", "a tool");
    try (Connection connection = DriverManager.getConnection(words[0], properties)) {
      try (Statement statement = connection.createStatement()) {
        say("name", first(statement.executeQuery("SHOW application_name")));
        statement.execute("SET application_name = 'other'");
        say("client info", connection.getClientInfo("ApplicationName"));
        connection.setClientInfo("ApplicationName", "third");
        say("renamed", first(statement.executeQuery("SHOW application_name")));
      }
      // From the fifth time on, the driver has it prepared on the server under a name.
      long sum = 0;
      for (int round = 0; round < 10; round++) {
        try (PreparedStatement prepared = connection.prepareStatement("SELECT id FROM people WHERE id = ?")) {
          prepared.setInt(1, 1 + round % 3);
          sum += Long.parseLong(first(prepared.executeQuery()));
        }
        try (Statement statement = connection.createStatement()) {
          statement.execute("SELECT touch()");
        }
      }
      say("sum", String.valueOf(sum));
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(2);
        int rows = 0;
        try (ResultSet people = statement.executeQuery("SELECT * FROM people ORDER BY id")) {
          while (people.next()) rows++;
        }
        say("rows in pieces", String.valueOf(rows));
      }
      connection.commit();
      try (PreparedStatement batch = connection.prepareStatement("INSERT INTO notes VALUES (?, ?)")) {
        for (int id = 0; id < 20; id++) {
          batch.setInt(1, id);
          batch.setString(2, "note " + id);
          batch.addBatch();
        }
        say("batch", String.valueOf(batch.executeBatch().length));
      }
      connection.commit();
      try (ResultSet tables = connection.getMetaData().getTables(null, "public", "%", new String[] {"TABLE"})) {
        int count = 0;
        while (tables.next()) count++;
        say("tables", String.valueOf(count));
      }
      connection.rollback();
    }
  }

  private static String first(ResultSet rows) throws Exception {
    try (rows) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static void say(String what, String value) {
    System.out.println(what + ": " + value);
  }
}
