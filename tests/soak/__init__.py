"""The whole stack under load, faults and kills, for a bounded time; then the books are checked."""
