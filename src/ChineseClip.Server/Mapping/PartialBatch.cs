using ChineseClip.Server.Errors;

namespace ChineseClip.Server.Mapping;

/// <summary>A batch of which some elements may be refused while the others go on.</summary>
internal static class PartialBatch
{
    /// <summary>Gives one result an input, in input order: of the run, or why the input could not be run.</summary>
    public static async Task<TResult[]> RunAsync<TInput, TMessage, TResult>(
        IReadOnlyList<TInput> inputs,
        Func<TInput, Task<TMessage>> convert,
        Func<TMessage[], Task<TResult[]>> run,
        Func<TInput, Failure, TResult> fail)
    {
        var results = new TResult[inputs.Count];
        var places = new List<int>(inputs.Count);
        var messages = new List<TMessage>(inputs.Count);
        for (int i = 0; i < inputs.Count; i++)
        {
            try
            {
                messages.Add(await convert(inputs[i]));
                places.Add(i);
            }
            catch (Exception exception) when (exception is RequestException or Abstractions.ClusterException)
            {
                results[i] = fail(inputs[i], ProblemMapping.FromException(exception));
            }
        }

        TResult[] outcomes = await run([.. messages]);
        for (int i = 0; i < outcomes.Length; i++)
        {
            results[places[i]] = outcomes[i];
        }

        return results;
    }
}
