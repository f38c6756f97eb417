"""Documents on their way out, to Tiled and Kafka: kept on disk until they have arrived, and never in the way of a measurement."""
