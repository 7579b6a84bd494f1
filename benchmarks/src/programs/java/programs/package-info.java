/** Programs as anybody writes them, each at one end of a real protocol. Nothing here knows the library. */
package programs;
